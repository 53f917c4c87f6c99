//! The only reader of the environment.

use std::{env, fs};

use super::{Problem, Source};

/// Variables whose value may be read from a file named by `<variable>_FILE`: the secrets.
const SECRETS: [&str; 5] = [
    "AAD_CLIENT_SECRET",
    "AAD_CLIENT_CERTIFICATE_PASSWORD",
    "AAD_SESSION_SECRET",
    "AAD_SESSION_STORE",
    "METRICS_TOKEN",
];
const FILES: [&str; 5] = [
    "AAD_CLIENT_SECRET_FILE",
    "AAD_CLIENT_CERTIFICATE_PASSWORD_FILE",
    "AAD_SESSION_SECRET_FILE",
    "AAD_SESSION_STORE_FILE",
    "METRICS_TOKEN_FILE",
];

/// Further variables that take part, beside all that start with `AAD_`.
const OTHERS: [&str; 13] = [
    "AZURE_AUTHORITY_HOST",
    "AZURE_FEDERATED_TOKEN_FILE",
    "CONTAINER_APP_NAME",
    "HOME",
    "HOST",
    "KUBERNETES_SERVICE_HOST",
    "LOCALAPPDATA",
    "METRICS_TOKEN",
    "METRICS_TOKEN_FILE",
    "PORT",
    "TLS_CERT_FILE",
    "WEBSITE_SITE_NAME",
    "XDG_STATE_HOME",
];

/// Reads every variable that takes part, and the files that secrets are kept in. A file that cannot be
/// used, or a secret given twice, is reported by [`Config::parse`](super::Config::parse) together with
/// all other problems.
pub fn read() -> Source {
    let variables = env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        let takes_part = name.starts_with("AAD_") || OTHERS.contains(&name.as_str());
        takes_part.then(|| (name, value.to_string_lossy().into_owned()))
    });
    let mut source: Source = variables.collect();
    add_folder_of_system(&mut source);
    add_files(&mut source);
    source
}

/// What the system itself knows where no variable names the user's folder, as in a service.
#[cfg(windows)]
fn add_folder_of_system(source: &mut Source) {
    use etcetera::BaseStrategy;
    let folder = etcetera::base_strategy::Windows::new().map(|folders| folders.cache_dir());
    set_unless_set(source, "LOCALAPPDATA", folder.ok());
}

/// The home folder of the user database, where `HOME` is not set (launchd).
#[cfg(target_os = "macos")]
fn add_folder_of_system(source: &mut Source) {
    set_unless_set(source, "HOME", etcetera::home_dir().ok());
}

#[cfg(not(any(windows, target_os = "macos")))]
const fn add_folder_of_system(_: &mut Source) {}

#[cfg(any(windows, target_os = "macos"))]
fn set_unless_set(source: &mut Source, name: &str, folder: Option<std::path::PathBuf>) {
    let text = folder.and_then(|folder| folder.into_os_string().into_string().ok());
    if let (None, Some(text)) = (source.get(name), text) {
        source.set(name, text);
    }
}

fn add_files(source: &mut Source) {
    for (name, file) in SECRETS.iter().zip(FILES) {
        if let Err(problem) = from_file(source, name, file) {
            source.note_unreadable(problem);
        }
    }
}

fn from_file(source: &mut Source, name: &str, file: &'static str) -> Result<(), Problem> {
    let Some(path) = source.get(file).map(str::to_owned) else {
        return Ok(());
    };
    if source.get(name).is_some() {
        let rule = format!("says the same as {name}: set one of the two");
        return Err(Problem::new(file, rule, "/run/secrets/value"));
    }
    match fs::read_to_string(&path) {
        Ok(value) if !value.trim().is_empty() => {
            source.set(name, value.trim());
            Ok(())
        }
        Ok(_) => Err(Problem::new(
            file,
            "names an empty file",
            "/run/secrets/value",
        )),
        Err(error) => {
            let rule = format!("names a file that cannot be read ({})", error.kind());
            Err(Problem::new(file, rule, "/run/secrets/value"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_of_the_table_may_come_from_a_file() {
        let secrets = crate::config::SETTINGS
            .iter()
            .filter(|setting| setting.secret);
        let mut names: Vec<_> = secrets.map(|setting| setting.name).collect();
        names.push("METRICS_TOKEN");
        names.sort_unstable();
        let mut known = SECRETS.to_vec();
        known.sort_unstable();
        assert_eq!(known, names);
        for (name, file) in SECRETS.iter().zip(FILES) {
            assert_eq!(format!("{name}_FILE"), file);
        }
    }

    #[test]
    fn a_secret_comes_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "value\n").unwrap();
        let file = path.to_string_lossy();
        let mut source = Source::new().with(FILES[0], file.as_ref());
        from_file(&mut source, SECRETS[0], FILES[0]).unwrap();
        assert_eq!(source.get(SECRETS[0]), Some("value"));
        // Now it is given twice.
        assert!(from_file(&mut source, SECRETS[0], FILES[0]).is_err());
    }

    #[test]
    fn refuses_a_missing_and_an_empty_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("empty");
        fs::write(&path, " \n").unwrap();
        for path in [path, folder.path().join("missing")] {
            let mut source = Source::new().with(FILES[0], path.to_string_lossy().as_ref());
            assert!(from_file(&mut source, SECRETS[0], FILES[0]).is_err());
        }
    }

    #[test]
    fn r111_a_file_that_cannot_be_read_hides_no_other_problem_and_its_secret_is_not_called_missing()
    {
        let mut source = Source::new()
            .with("AAD_CLIENT_SECRET_FILE", "/missing")
            .with("AAD_SESSION_STORE", "postgres://x")
            .with("AAD_CA_FILE", "/missing");
        add_files(&mut source);
        let error = crate::config::Config::parse(&source).err().unwrap();
        let named: Vec<_> = error
            .problems
            .iter()
            .map(|problem| problem.variable)
            .collect();
        for expected in [
            "AAD_CLIENT_SECRET_FILE",
            "AAD_TENANT_ID",
            "AAD_CLIENT_ID",
            "AAD_SESSION_STORE",
            "AAD_CA_FILE",
        ] {
            assert!(named.contains(&expected), "{expected}: {named:?}");
        }
        assert!(!named.contains(&"AAD_CLIENT_SECRET"), "{named:?}");
        // The text for the operator, also where `main` returns it.
        assert_eq!(format!("{error:?}"), error.to_string());
    }
}
