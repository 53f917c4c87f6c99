//! Moves the addresses of registered applications to another origin.

use url::Url;

use super::{Application, Directory};

/// The origins at which the applications of the default directory are registered.
const DEFAULT_ORIGINS: [&str; 2] = ["http://localhost:5000", "https://localhost:5000"];

impl Directory {
    /// Moves every address at `http://localhost:5000` or `https://localhost:5000` to another origin.
    ///
    /// The applications of the default directory are registered there. Redirect URIs, logout URLs and home pages are moved.
    /// An origin that is not one of http or https changes nothing.
    ///
    /// ```
    /// let origin = "http://localhost:8080".parse().unwrap();
    /// let directory = entra_emulator::Directory::default().with_applications_at(&origin);
    /// assert_eq!(directory.applications[0].web.redirect_uris[0], "http://localhost:8080/auth/redirect");
    /// ```
    #[must_use]
    pub fn with_applications_at(mut self, origin: &Url) -> Self {
        if origin.origin().is_tuple() {
            let origin = origin.origin().ascii_serialization();
            self.applications
                .iter_mut()
                .for_each(|application| move_to(application, &origin));
        }
        self
    }
}

fn move_to(application: &mut Application, origin: &str) {
    let web = &mut application.web;
    let mut moved: Vec<String> = Vec::new();
    for mut uri in web.redirect_uris.drain(..) {
        move_address(&mut uri, origin);
        // The http and the https address may have become the same.
        if !moved.contains(&uri) {
            moved.push(uri);
        }
    }
    web.redirect_uris = moved;
    let others = [
        web.logout_url.as_mut(),
        web.home_page_url.as_mut(),
        application.backchannel_logout_url.as_mut(),
    ];
    others
        .into_iter()
        .flatten()
        .for_each(|uri| move_address(uri, origin));
}

fn move_address(uri: &mut String, origin: &str) {
    let path = DEFAULT_ORIGINS
        .iter()
        .find_map(|known| uri.strip_prefix(known))
        .filter(|path| path.is_empty() || path.starts_with('/'));
    if let Some(path) = path {
        *uri = format!("{origin}{path}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r113_no_address_of_the_default_directory_stays_at_the_default_port() {
        for origin in ["http://localhost:5050", "https://localhost:5443"] {
            let moved = Directory::default().with_applications_at(&Url::parse(origin).unwrap());
            let text = serde_json::to_string(&moved).unwrap();
            assert!(!text.contains("localhost:5000"), "{text}");
            let web = &moved.applications[0].web;
            let expected = [
                format!("{origin}/auth/redirect"),
                format!("{origin}/auth/post_sign_out"),
            ];
            assert_eq!(web.redirect_uris, expected);
            let logout = format!("{origin}/auth/front_channel_sign_out");
            assert_eq!(web.logout_url, Some(logout));
        }
    }

    #[test]
    fn addresses_elsewhere_stay() {
        let mut directory = Directory::default();
        let elsewhere = [
            "http://localhost:50001/x",
            "http://localhost:3000/",
            "https://app.example.test/x",
        ];
        directory.applications[0].web.redirect_uris = elsewhere.map(str::to_owned).into();
        let moved = directory.with_applications_at(&Url::parse("http://localhost:1/x").unwrap());
        assert_eq!(moved.applications[0].web.redirect_uris, elsewhere);
        let nowhere = moved.with_applications_at(&Url::parse("data:x").unwrap());
        assert!(nowhere.applications[1].web.redirect_uris[0].starts_with("http://localhost:1/"));
    }
}
