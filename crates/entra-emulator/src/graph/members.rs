use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::directory::{Group, TenantKind};
use crate::http::{Origin, Params};
use crate::state::State;
use crate::sync::read;

use super::caller::{Caller, answer, error};

const PERMISSIONS: [&str; 4] = [
    "User.Read",
    "GroupMember.Read.All",
    "Group.Read.All",
    "Directory.Read.All",
];
const PAGE_SIZE: usize = 100;

/// `GET /v1.0/me/memberOf`
pub(crate) async fn member_of(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    list(&state, &request, |state, caller| {
        read(&state.directory).direct_groups(&caller.user)
    })
}

/// `GET /v1.0/me/transitiveMemberOf[/microsoft.graph.group]`
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
struct Wanted {
    security_enabled_only: bool,
}

/// `POST /v1.0/me/getMemberObjects`
pub(crate) async fn member_objects(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    ids(&state, &request, &body, true)
}

/// `POST /v1.0/me/getMemberGroups`
pub(crate) async fn member_groups(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    ids(&state, &request, &body, false)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    group_ids: Vec<String>,
}

/// `POST /v1.0/me/checkMemberGroups`
pub(crate) async fn check_member_groups(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let caller = match Caller::of(&state, &request, &PERMISSIONS) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let asked = serde_json::from_slice::<Asked>(&body)
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
    let Ok(wanted) = serde_json::from_slice::<Wanted>(body) else {
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
        Some(_) => with_roles && !wanted.security_enabled_only,
        None => group.security_enabled || !wanted.security_enabled_only,
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
    let base = Origin::of(state, request).url();
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
    let query = Params::parse(request.query_string().as_bytes());
    let start: usize = query
        .get("$skiptoken")
        .and_then(|token| token.parse().ok())
        .unwrap_or_default();
    let size = query
        .get("$top")
        .and_then(|top| top.parse().ok())
        .filter(|top| (1..=999).contains(top))
        .unwrap_or(PAGE_SIZE);
    // Without the permission only ids are shown (`entra.md` 8).
    let names = [
        "GroupMember.Read.All",
        "Group.Read.All",
        "Directory.Read.All",
    ]
    .iter()
    .any(|scope| caller.has(scope));
    let base = Origin::of(state, request).url();
    let value: Vec<Value> = groups
        .iter()
        .skip(start)
        .take(size)
        .map(|group| object(group, names))
        .collect();
    let mut body = json!({ "@odata.context": format!("{base}/v1.0/$metadata#directoryObjects"), "value": value });
    let next = start.saturating_add(size);
    if let Some(body) = body.as_object_mut().filter(|_| next < groups.len()) {
        let link = format!("{base}{}?$top={size}&$skiptoken={next}", request.path());
        body.insert("@odata.nextLink".to_owned(), Value::from(link));
    }
    answer(state, request, &body)
}

fn object(group: &Group, names: bool) -> Value {
    let kind = if group.role_template_id.is_some() {
        "#microsoft.graph.directoryRole"
    } else {
        "#microsoft.graph.group"
    };
    json!({
        "@odata.type": kind,
        "id": group.id,
        "displayName": names.then_some(&group.display_name),
        "securityEnabled": names.then_some(group.security_enabled),
        "roleTemplateId": group.role_template_id.as_ref().filter(|_| names),
    })
}
