//! How large the head of a request may be.

use actix_web::{dev::RequestHead, http::header};

/// How large the head of a request may be that the middleware lets through. Actix itself reads up to
/// 128 KiB and 96 fields before anything is asked; what is behind the middleware would then parse and
/// copy all of it.
///
/// See [`target`](Self::target) for an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct HeadBounds {
    /// Bytes of the method and the request target: path and query. Beyond it the answer is 414. Default:
    /// 16 KiB, for a callback with the longest code; RFC 9110 section 4.1 asks for 8,000 bytes at least.
    pub target: usize,
    /// Bytes of all header fields, names and values. Beyond it the answer is 431 (RFC 6585 section 5).
    /// Default: 32 KiB, for a bearer token of 16 KiB and a full set of cookies.
    pub fields: usize,
}

impl Default for HeadBounds {
    fn default() -> Self {
        Self {
            target: 16 * 1024,
            fields: 32 * 1024,
        }
    }
}

/// What of a request's head is too large.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::web) enum HeadTooLarge {
    /// Method and request target.
    Target,
    /// The header fields.
    Fields,
}

impl HeadBounds {
    /// Sets the most bytes of method and request target.
    ///
    /// ```
    /// use aad_auth::HeadBounds;
    ///
    /// let bounds = HeadBounds::default().target(32 * 1024).fields(64 * 1024);
    /// assert_eq!((bounds.target, bounds.fields), (32_768, 65_536));
    /// ```
    #[must_use]
    pub const fn target(mut self, bytes: usize) -> Self {
        self.target = bytes;
        self
    }

    /// Sets the most bytes of all header fields.
    #[must_use]
    pub const fn fields(mut self, bytes: usize) -> Self {
        self.fields = bytes;
        self
    }

    /// Refuses a head that is too large.
    pub(in crate::web) fn check(self, head: &RequestHead) -> Result<(), HeadTooLarge> {
        if target(head) > self.target {
            return Err(HeadTooLarge::Target);
        }
        match fields(head) > self.fields {
            true => Err(HeadTooLarge::Fields),
            false => Ok(()),
        }
    }
}

fn target(head: &RequestHead) -> usize {
    let uri = &head.uri;
    let path = uri.path_and_query().map_or(0, |path| path.as_str().len());
    let authority = uri.authority().map_or(0, |host| host.as_str().len());
    head.method.as_str().len() + authority + path
}

fn fields(head: &RequestHead) -> usize {
    let field = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        // `: ` and the line's end.
        name.as_str().len() + value.len() + 4
    };
    head.headers().iter().map(field).sum()
}

#[cfg(test)]
mod tests {
    use actix_web::{http::Method, test::TestRequest};

    use super::*;

    fn refused(request: TestRequest) -> Option<HeadTooLarge> {
        let request = request.to_srv_request();
        HeadBounds::default().check(request.head()).err()
    }

    #[test]
    fn r88_the_bounds_count_every_part_of_the_head() {
        let long = |bytes| "a".repeat(bytes);
        let to = |uri: String| TestRequest::with_uri(&uri);
        let too_long = Some(HeadTooLarge::Target);
        assert_eq!(refused(to(format!("/?{}", long(16_384 - 5)))), None);
        assert_eq!(refused(to(format!("/?{}", long(16_384 - 4)))), too_long);
        let absolute = format!("http://{}/", long(16_384));
        assert_eq!(refused(to(absolute)), too_long);
        let method = Method::from_bytes(long(16_384).as_bytes()).unwrap();
        assert_eq!(refused(TestRequest::default().method(method)), too_long);

        let too_large = Some(HeadTooLarge::Fields);
        let with =
            |name: String, value: String| TestRequest::default().insert_header((name, value));
        assert_eq!(refused(with("cookie".to_owned(), long(32_758))), None);
        assert_eq!(refused(with("cookie".to_owned(), long(32_759))), too_large);
        assert_eq!(refused(with(long(32_768), "b".to_owned())), too_large);
        let mut many = TestRequest::default();
        for _ in 0..9 {
            many = many.append_header(("cookie", long(4096)));
        }
        assert_eq!(refused(many), too_large, "of one name");
    }
}
