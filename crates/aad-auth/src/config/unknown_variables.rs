//! Refuses variables that look like settings and are not: a misspelt name would leave the default of
//! the right one in force, without a message.

use super::{
    Problem, Source,
    table::{Group, SETTINGS, Setting, setting},
};

/// A problem for every `AAD_*` variable that this version does not read.
pub(super) fn unknown_variables(source: &Source) -> Vec<Problem> {
    source.names().filter_map(problem_of).collect()
}

fn problem_of(name: &str) -> Option<Problem> {
    let of_file = name.strip_suffix("_FILE").and_then(setting);
    let known = setting(name).or_else(|| of_file.filter(|setting| setting.secret));
    match known {
        _ if !name.starts_with("AAD_") || SWITCHES.contains(&name) => None,
        None if is_service_link(name) => None,
        Some(setting) if setting.group == Group::Reserved => {
            let rule = "is not read by this version: remove it";
            Some(Problem::new(setting.name, rule, setting.example))
        }
        Some(_) => None,
        None => {
            let nearest = nearest(name)?;
            let rule = format!(
                "is the setting nearest to {}, which does not exist: correct or remove that variable",
                shown(name)
            );
            Some(Problem::new(nearest.name, rule, nearest.example))
        }
    }
}

/// Whether Kubernetes made the variable for a service of the namespace (`enableServiceLinks`). A
/// service named `aad-auth` makes `AAD_AUTH_SERVICE_HOST` and others. No setting ends like these.
fn is_service_link(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if name.ends_with("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name.ends_with("_PORT")
    {
        return true;
    }
    let Some((_, port)) = name.rsplit_once("_PORT_") else {
        return false;
    };
    let mut parts = port.split('_');
    parts.next().is_some_and(digits)
        && matches!(parts.next(), Some("TCP" | "UDP" | "SCTP"))
        && matches!(parts.next(), None | Some("ADDR" | "PORT" | "PROTO"))
        && parts.next().is_none()
}

/// The name in a form that is safe in a message: plain characters, at most 64.
fn shown(name: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    name.chars().filter(plain).take(64).collect()
}

/// The variable with the most similar name.
fn nearest(name: &str) -> Option<&'static Setting> {
    let readable = SETTINGS
        .iter()
        .filter(|setting| setting.group != Group::Reserved);
    let name = shown(name).to_ascii_uppercase();
    readable.min_by_key(|setting| strsim::damerau_levenshtein(setting.name, &name))
}

/// Switches of this workspace's tests, which may be set beside the settings.
const SWITCHES: [&str; 2] = ["AAD_SCREENSHOTS", "AAD_TEST_ALL"];

#[cfg(test)]
#[path = "unknown_variables_tests.rs"]
mod tests;
