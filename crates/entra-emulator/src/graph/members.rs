//! Group memberships of the signed-in user.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::directory::{Group, TenantKind};
use crate::http::Params;
use crate::state::State;
use crate::sync::read;

use super::caller::{Caller, answer, error};

const PERMISSIONS: [&str; 4] = [
    "User.Read",
    "GroupMember.Read.All",
    "Group.Read.All",
    "Directory.Read.All",
];
/// Any of them shows more of a group than its id.
const DETAIL_PERMISSIONS: [&str; 3] = [
    "GroupMember.Read.All",
    "Group.Read.All",
    "Directory.Read.All",
];
const PAGE_SIZE: usize = 100;

/// Answers `GET /v1.0/me/memberOf`.
pub(crate) async fn member_of(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    list(&state, &request, |state, caller| {
        read(&state.directory).direct_groups(&caller.user)
    })
}

/// Answers `GET /v1.0/me/transitiveMemberOf[/microsoft.graph.group]`.
pub(crate) async fn transitive_member_of(
    state: web::Data<State>,
    request: HttpRequest,
) -> HttpResponse {
    list(&state, &request, |state, caller| {
        read(&state.directory).transitive_groups(&caller.user)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MemberObjectsBody {
    security_enabled_only: bool,
}

/// Answers `POST /v1.0/me/getMemberObjects`.
pub(crate) async fn member_objects(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    ids(&state, &request, &body, true)
}

/// Answers `POST /v1.0/me/getMemberGroups`.
pub(crate) async fn member_groups(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    ids(&state, &request, &body, false)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CheckMemberGroupsBody {
    group_ids: Vec<String>,
}

/// Answers `POST /v1.0/me/checkMemberGroups`.
pub(crate) async fn check_member_groups(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let caller = match Caller::of(&state, &request, &PERMISSIONS) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let asked = serde_json::from_slice::<CheckMemberGroupsBody>(&body)
        .ok()
        .filter(|asked| (1..=20).contains(&asked.group_ids.len()));
    let Some(asked) = asked else {
        return error(
            &state,
            &request,
            400,
            "Request_BadRequest",
            "groupIds must hold one to twenty ids.",
        );
    };
    let groups = read(&state.directory).transitive_groups(&caller.user);
    let member = |id: &String| groups.iter().any(|group| group.id == *id);
    let value: Vec<String> = asked.group_ids.into_iter().filter(member).collect();
    collection(&state, &request, &value)
}

fn ids(state: &State, request: &HttpRequest, body: &[u8], with_roles: bool) -> HttpResponse {
    let caller = match Caller::of(state, request, &PERMISSIONS) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let Ok(asked) = serde_json::from_slice::<MemberObjectsBody>(body) else {
        return error(
            state,
            request,
            400,
            "Request_BadRequest",
            "The body must hold securityEnabledOnly.",
        );
    };
    let directory = read(&state.directory);
    let kind = directory
        .tenant(&caller.user.tenant)
        .map(|tenant| tenant.kind);
    if kind == Some(TenantKind::Consumers) {
        return error(
            state,
            request,
            403,
            "accessDenied",
            "Personal accounts have no groups.",
        );
    }
    let counts = |group: &Group| match group.role_template_id {
        Some(_) => with_roles && !asked.security_enabled_only,
        None => group.security_enabled || !asked.security_enabled_only,
    };
    let groups = directory.transitive_groups(&caller.user);
    let value: Vec<String> = groups
        .into_iter()
        .filter(counts)
        .map(|group| group.id)
        .collect();
    drop(directory);
    collection(state, request, &value)
}

fn collection(state: &State, request: &HttpRequest, value: &[String]) -> HttpResponse {
    let base = state.origin_for(request).url();
    answer(
        state,
        request,
        &json!({ "@odata.context": format!("{base}/v1.0/$metadata#Collection(Edm.String)"), "value": value }),
    )
}

fn list(
    state: &State,
    request: &HttpRequest,
    groups: fn(&State, &Caller) -> Vec<Group>,
) -> HttpResponse {
    let caller = match Caller::of(state, request, &PERMISSIONS) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let cast = request.path().ends_with("/microsoft.graph.group");
    let mut groups = groups(state, &caller);
    groups.retain(|group| !cast || group.role_template_id.is_none());
    let page = ListRange::of(request);
    let details = DETAIL_PERMISSIONS.iter().any(|scope| caller.has(scope));
    let base = state.origin_for(request).url();
    let shown = groups.iter().skip(page.start).take(page.size);
    let value: Vec<Value> = shown.map(|group| object(group, details)).collect();
    let mut body = json!({ "@odata.context": format!("{base}/v1.0/$metadata#directoryObjects"), "value": value });
    let next = page.start.saturating_add(page.size);
    if let Some(body) = body.as_object_mut().filter(|_| next < groups.len()) {
        let (path, size) = (request.path(), page.size);
        let link = format!("{base}{path}?$top={size}&$skiptoken={next}");
        body.insert("@odata.nextLink".to_owned(), Value::from(link));
    }
    answer(state, request, &body)
}

/// The requested part of a list.
struct ListRange {
    start: usize,
    size: usize,
}

impl ListRange {
    fn of(request: &HttpRequest) -> Self {
        let query = Params::parse(request.query_string().as_bytes());
        let number = |name: &str| query.get(name).and_then(|text| text.parse().ok());
        Self {
            start: number("$skiptoken").unwrap_or_default(),
            size: number("$top")
                .filter(|size| (1..=999).contains(size))
                .unwrap_or(PAGE_SIZE),
        }
    }
}

/// Describes a group. Without `details` only its id is shown, as the platform does without the permission.
fn object(group: &Group, details: bool) -> Value {
    let kind = if group.role_template_id.is_some() {
        "#microsoft.graph.directoryRole"
    } else {
        "#microsoft.graph.group"
    };
    json!({
        "@odata.type": kind,
        "id": group.id,
        "displayName": details.then_some(&group.display_name),
        "securityEnabled": details.then_some(group.security_enabled),
        "roleTemplateId": group.role_template_id.as_ref().filter(|_| details),
    })
}
