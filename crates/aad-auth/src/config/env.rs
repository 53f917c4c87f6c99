//! The only reader of the environment.

use std::{env, fs};

use super::{ConfigError, Problem, Source};

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
const OTHERS: [&str; 12] = [
    "AZURE_AUTHORITY_HOST",
    "AZURE_FEDERATED_TOKEN_FILE",
    "CONTAINER_APP_NAME",
    "HOME",
    "HOST",
    "KUBERNETES_SERVICE_HOST",
    "METRICS_TOKEN",
    "METRICS_TOKEN_FILE",
    "PORT",
    "TLS_CERT_FILE",
    "WEBSITE_SITE_NAME",
    "XDG_STATE_HOME",
];

/// Reads every variable that takes part, and the files that secrets are kept in.
///
/// # Errors
/// A secret's file that cannot be read, or a secret given twice.
pub fn read() -> Result<Source, ConfigError> {
    let variables = env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        let takes_part = name.starts_with("AAD_") || OTHERS.contains(&name.as_str());
        takes_part.then(|| (name, value.to_string_lossy().into_owned()))
    });
    let mut source: Source = variables.collect();
    let problems: Vec<_> = SECRETS
        .iter()
        .zip(FILES)
        .filter_map(|(name, file)| from_file(&mut source, name, file).err())
        .collect();
    if problems.is_empty() {
        Ok(source)
    } else {
        Err(ConfigError { problems })
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
}
