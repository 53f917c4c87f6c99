//! The profile of a user.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

use crate::directory::{Directory, User};
use crate::http::Params;
use crate::state::State;
use crate::sync::read;

use super::caller::{Caller, answer, error};

/// Answers `GET /v1.0/me`.
pub(crate) async fn me(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let caller = match Caller::of(
        &state,
        &request,
        &["User.Read", "User.Read.All", "User.ReadWrite"],
    ) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    profile(&state, &request, &caller.user)
}

/// Answers `GET /v1.0/users/{id}`.
pub(crate) async fn user(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let caller = match Caller::of(
        &state,
        &request,
        &["User.ReadBasic.All", "User.Read.All", "Directory.Read.All"],
    ) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let name = request.match_info().get("id").unwrap_or_default();
    let found = read(&state.directory)
        .find_user(name, Some(&caller.user.tenant))
        .cloned();
    match found {
        Some(user) => profile(&state, &request, &user),
        None => error(
            &state,
            &request,
            404,
            "Request_ResourceNotFound",
            "Resource does not exist or one of its queried reference-property objects are not present.",
        ),
    }
}

fn profile(state: &State, request: &HttpRequest, user: &User) -> HttpResponse {
    let query = Params::parse(request.query_string().as_bytes());
    let all = properties(user, &read(&state.directory));
    let select = query.get("$select").map(|select| {
        select
            .split(',')
            .map(str::trim)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    let names = select.unwrap_or_else(|| DEFAULT.iter().map(|name| (*name).to_owned()).collect());
    let base = state.origin_for(request).url();
    let mut body = Map::new();
    body.insert(
        "@odata.context".to_owned(),
        json!(format!("{base}/v1.0/$metadata#users/$entity")),
    );
    for name in names {
        match all.get(&name) {
            Some(value) => body.insert(name, value.clone()),
            None => {
                let message = format!(
                    "Could not find a property named '{name}' on type 'microsoft.graph.user'."
                );
                return error(state, request, 400, "Request_BadRequest", &message);
            }
        };
    }
    answer(state, request, &Value::Object(body))
}

const DEFAULT: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];

fn properties(user: &User, directory: &Directory) -> Map<String, Value> {
    let company = directory
        .tenant(&user.tenant)
        .map(|tenant| tenant.display_name.clone());
    let properties = json!({
        "businessPhones": [], "displayName": user.display_name, "givenName": user.given_name, "id": user.id,
        "jobTitle": user.job_title, "mail": user.mail, "mobilePhone": user.mobile_phone,
        "officeLocation": user.office_location, "preferredLanguage": user.preferred_language, "surname": user.surname,
        "userPrincipalName": user.user_principal_name, "department": user.department,
        "accountEnabled": user.account_enabled, "companyName": company,
        "userType": if user.is_guest() { "Guest" } else { "Member" },
    });
    properties.as_object().cloned().unwrap_or_default()
}
