//! Files of secrets, by what is refused.

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
fn reads_a_secret_from_its_file() {
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
fn r111_a_file_that_cannot_be_read_hides_no_other_problem_and_its_secret_is_not_called_missing() {
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
