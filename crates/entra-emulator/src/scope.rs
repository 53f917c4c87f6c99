//! Scopes, and the resource that each belongs to.

use crate::aadsts::Refusal;
use crate::directory::{Application, Directory, TenantKind};

/// The API for which an access token is issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    /// Microsoft Graph: the default.
    Graph,
    /// An application of the directory: its client id, and the name in the request.
    Api { app_id: String, name: String },
}

/// The parsed scopes of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes {
    pub(crate) openid: bool,
    pub(crate) profile: bool,
    pub(crate) email: bool,
    pub(crate) offline_access: bool,
    /// The scopes of each resource, in the order of the request.
    pub(crate) resources: Vec<(Resource, Vec<String>)>,
}

/// The application id of Microsoft Graph.
pub(crate) const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";
const GRAPH_NAMES: [&str; 3] = [
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    GRAPH_APP_ID,
];
const GRAPH_FAMILIES: [&str; 22] = [
    "User",
    "Mail",
    "MailboxSettings",
    "Files",
    "Calendars",
    "Group",
    "GroupMember",
    "Directory",
    "Contacts",
    "Tasks",
    "Notes",
    "Sites",
    "People",
    "Presence",
    "Team",
    "Chat",
    "Application",
    "AppRoleAssignment",
    "ProfilePhoto",
    "Organization",
    "Domain",
    "RoleManagement",
];

impl Scopes {
    /// Parses a space-separated list. Refuses unknown APIs and scopes.
    pub(crate) fn parse(text: &str, directory: &Directory) -> Result<Self, Refusal> {
        let mut scopes = Self::default();
        for scope in text.split_ascii_whitespace() {
            match scope {
                "openid" => scopes.openid = true,
                "profile" => scopes.profile = true,
                "email" => scopes.email = true,
                "offline_access" => scopes.offline_access = true,
                _ => scopes.add(scope, directory)?,
            }
        }
        Ok(scopes)
    }

    /// Returns resource and scopes of the access token: the first resource of the request, or Graph.
    pub(crate) fn resource(&self) -> (Resource, Vec<String>) {
        self.resources
            .first()
            .cloned()
            .unwrap_or((Resource::Graph, vec!["User.Read".to_owned()]))
    }

    /// Tells whether the scopes of the first resource contain `.default`.
    pub(crate) fn is_default(&self) -> bool {
        self.resources
            .first()
            .is_some_and(|(_, names)| names.iter().any(|name| name == ".default"))
    }

    /// Refuses scopes of more than one resource, which a token request must not have.
    pub(crate) fn require_one_resource(&self) -> Result<(), Refusal> {
        if self.resources.len() > 1 {
            return Err(Refusal::new(
                "invalid_scope",
                28_000,
                "Provided value for the input parameter scope is not valid because it contains more than one resource.",
            ));
        }
        Ok(())
    }

    fn add(&mut self, scope: &str, directory: &Directory) -> Result<(), Refusal> {
        let (resource, name) = resolve(scope, directory)?;
        match self
            .resources
            .iter_mut()
            .find(|(known, _)| *known == resource)
        {
            Some((_, names)) => names.push(name),
            None => self.resources.push((resource, vec![name])),
        }
        let mixed = self
            .resources
            .iter()
            .any(|(_, names)| names.len() > 1 && names.iter().any(|name| name == ".default"));
        if mixed {
            Err(invalid(
                scope,
                "'.default' cannot be combined with other scopes of the resource",
            ))
        } else {
            Ok(())
        }
    }
}

fn resolve(scope: &str, directory: &Directory) -> Result<(Resource, String), Refusal> {
    let Some((resource, name)) = scope.rsplit_once('/') else {
        return b2c_client_scope(scope, directory).map_or_else(|| graph(scope, scope), Ok);
    };
    let resource = resource.trim_end_matches('/');
    if GRAPH_NAMES.contains(&resource) {
        return graph(name, scope);
    }
    let application = directory.resource(resource).ok_or_else(|| {
        Refusal::new(
            "invalid_resource",
            500_011,
            format!("The resource principal named {resource} was not found in the tenant."),
        )
        .advise("Compare the part before the last '/' with the App ID URIs of the applications.")
    })?;
    if name != ".default" && !has_scope(application, name) {
        return Err(invalid(scope, "the API exposes no such scope"));
    }
    Ok((
        Resource::Api {
            app_id: application.app_id.clone(),
            name: resource.to_owned(),
        },
        name.to_owned(),
    ))
}

/// At B2C the client id is a scope: it requests an access token for the application itself.
fn b2c_client_scope(scope: &str, directory: &Directory) -> Option<(Resource, String)> {
    let application = directory.application(scope)?;
    let tenant = directory.tenant(&application.tenant)?;
    (tenant.kind == TenantKind::B2c).then(|| {
        let resource = Resource::Api {
            app_id: application.app_id.clone(),
            name: scope.to_owned(),
        };
        (resource, ".default".to_owned())
    })
}

fn has_scope(application: &Application, name: &str) -> bool {
    application
        .api
        .oauth2_permission_scopes
        .iter()
        .any(|scope| scope.value == name)
}

fn graph(name: &str, scope: &str) -> Result<(Resource, String), Refusal> {
    let family = name.split('.').next().unwrap_or_default();
    let known = name == ".default" || (name.contains('.') && GRAPH_FAMILIES.contains(&family));
    known
        .then(|| (Resource::Graph, name.to_owned()))
        .ok_or_else(|| invalid(scope, "it is not a Graph permission"))
}

fn invalid(scope: &str, why: &str) -> Refusal {
    Refusal::new(
        "invalid_scope",
        70_011,
        format!(
            "The provided value for the input parameter 'scope' is not valid. The scope '{scope}' is not valid: {why}."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Scopes, u32> {
        Scopes::parse(text, &Directory::default()).map_err(|refusal| refusal.code)
    }

    #[test]
    fn groups_scopes_by_resource() {
        let scopes =
            parse("openid profile api://tickets.example.test/Tickets.Read User.Read").unwrap();
        assert!(scopes.openid && scopes.profile && !scopes.offline_access);
        assert_eq!(scopes.resources.len(), 2);
        assert_eq!(scopes.require_one_resource().unwrap_err().code, 28_000);
        assert_eq!(
            parse("https://graph.microsoft.com/User.Read")
                .unwrap()
                .resource()
                .0,
            Resource::Graph
        );
        assert_eq!(parse("openid").unwrap().resource().1, ["User.Read"]);
    }

    #[test]
    fn refuses_unknown_scopes() {
        assert_eq!(parse("openid nonsense"), Err(70_011));
        assert_eq!(parse("api://unknown/Read"), Err(500_011));
        assert_eq!(parse("api://tickets.example.test/Nothing"), Err(70_011));
        assert_eq!(
            parse("https://graph.microsoft.com/.default User.Read"),
            Err(70_011)
        );
    }
}
