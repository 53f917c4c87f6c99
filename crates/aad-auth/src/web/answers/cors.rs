//! Cross-origin requests of scripts (Fetch standard, CORS protocol): what `AAD_CORS_ORIGINS` allows.
//!
//! The origins are compared character by character and never reflected otherwise. What the
//! application itself answers is its own affair: it has its own headers for that.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};

/// Lets a configured origin's scripts read an answer.
pub(in crate::web) fn allow_origin(
    response: &mut HttpResponse,
    request: &HeaderMap,
    allowed: &[String],
) {
    if !request.contains_key(header::ORIGIN) {
        return;
    }
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed_origin(request, allowed) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("WWW-Authenticate"),
        );
    }
}

/// The answer to a preflight request of a configured origin: a browser asks without credentials
/// whether the request that follows may come, and does not send that one after a 401. `None` for
/// every other request.
pub(in crate::web) fn preflight(request: &HttpRequest, allowed: &[String]) -> Option<HttpResponse> {
    if request.method() != Method::OPTIONS {
        return None;
    }
    let headers = request.headers();
    headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
    let origin = allowed_origin(headers, allowed)?;
    let mut response = HttpResponse::build(StatusCode::NO_CONTENT);
    response
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()))
        .insert_header((header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((
            header::VARY,
            "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ));
    if let Some(names) = requested_headers(headers) {
        response.insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, names));
    }
    Some(response.finish())
}

/// The `Origin` of a request, where it has exactly one that is configured.
fn allowed_origin<'r>(request: &'r HeaderMap, allowed: &[String]) -> Option<&'r HeaderValue> {
    let mut origins = request.get_all(header::ORIGIN);
    let origin = origins.next()?;
    let text = origin.to_str().ok()?;
    let fits = origins.next().is_none() && allowed.iter().any(|one| one == text);
    fits.then_some(origin)
}

/// The names of headers that are asked for, when all of them are names.
fn requested_headers(request: &HeaderMap) -> Option<String> {
    let value = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS)?;
    let asked = value.to_str().ok().filter(|asked| asked.len() <= LONGEST)?;
    let names = asked
        .split(',')
        .map(|name| HeaderName::try_from(name.trim()));
    let names: Vec<_> = names.collect::<Result<_, _>>().ok()?;
    let names: Vec<&str> = names.iter().map(HeaderName::as_str).collect();
    Some(names.join(", "))
}

/// What an application may do with a route. The route itself decides what it answers.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
/// How long a browser remembers the answer, in seconds.
const MAX_AGE: &str = "600";
/// The longest list of names that is repeated, in bytes.
const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const SPA: &str = "https://spa.example.test";

    fn asked(headers: &[(&str, &str)]) -> Option<HttpResponse> {
        let mut request = TestRequest::default().method(Method::OPTIONS);
        for header in headers {
            request = request.append_header(*header);
        }
        preflight(&request.to_http_request(), &[SPA.to_owned()])
    }

    const METHOD: (&str, &str) = ("access-control-request-method", "PUT");

    #[test]
    fn r22_other_origins_get_no_answer() {
        assert!(asked(&[METHOD, ("origin", SPA)]).is_some());
        for headers in [
            &[METHOD][..],
            &[("origin", SPA)],
            &[METHOD, ("origin", "https://evil.test")],
            &[METHOD, ("origin", "null")],
            &[METHOD, ("origin", "https://spa.example.test.evil.test")],
            &[METHOD, ("origin", "http://spa.example.test")],
            &[METHOD, ("origin", "https://SPA.example.test")],
            &[METHOD, ("origin", SPA), ("origin", "https://evil.test")],
        ] {
            assert!(asked(headers).is_none(), "{headers:?}");
        }
        let get = TestRequest::get().append_header(METHOD);
        let get = get.append_header(("origin", SPA)).to_http_request();
        assert!(preflight(&get, &[SPA.to_owned()]).is_none());
    }

    #[test]
    fn only_names_of_headers_are_repeated() {
        let headers_for = |names: &str| {
            let name = "access-control-request-headers";
            let answer = asked(&[METHOD, ("origin", SPA), (name, names)]).unwrap();
            let value = answer.headers().get("access-control-allow-headers");
            value.map(|value| value.to_str().unwrap().to_owned())
        };
        let names = headers_for("Authorization,content-type");
        assert_eq!(names.as_deref(), Some("authorization, content-type"));
        let long = "a".repeat(LONGEST + 1);
        for names in ["", "a b", "a,,b", "a;b", &long] {
            assert_eq!(headers_for(names), None, "{names}");
        }
    }
}
