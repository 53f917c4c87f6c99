//! The photo of the signed-in user.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use crate::directory::User;
use crate::encoding::{from_base64, sha256};
use crate::state::State;

use super::caller::{Caller, answer, error};

const SIZES: [&str; 9] = [
    "48x48", "64x64", "96x96", "120x120", "240x240", "360x360", "432x432", "504x504", "648x648",
];

/// Answers `GET /v1.0/me/photo/$value` and `/v1.0/me/photos/{size}/$value`.
pub(crate) async fn photo(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let caller = match caller(&state, &request) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let size = request.match_info().get("size").unwrap_or("648x648");
    if !SIZES.contains(&size) {
        return error(
            &state,
            &request,
            400,
            "ErrorInvalidImageId",
            "The image id is invalid.",
        );
    }
    HttpResponse::Ok()
        .content_type("image/png")
        .insert_header(("Cache-Control", "no-cache"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(picture(&caller.user))
}

/// Answers `GET /v1.0/me/photo`.
pub(crate) async fn photo_metadata(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    if let Err(response) = caller(&state, &request) {
        return *response;
    }
    let base = state.origin_for(&request).url();
    let body = json!({ "@odata.context": format!("{base}/v1.0/$metadata#users/photo/$entity"),
        "@odata.mediaContentType": "image/png", "id": "8x8", "height": 8, "width": 8 });
    answer(&state, &request, &body)
}

fn caller(state: &State, request: &HttpRequest) -> Result<Caller, Box<HttpResponse>> {
    let caller = Caller::of(
        state,
        request,
        &["User.Read", "User.Read.All", "ProfilePhoto.Read.All"],
    )?;
    if caller.user.photo {
        return Ok(caller);
    }
    Err(Box::new(error(
        state,
        request,
        404,
        "ImageNotFound",
        "Exception of type 'ImageNotFoundException' was thrown.",
    )))
}

/// Draws a symmetric PNG of 8 by 8 pixels and two colours, derived from the user's id.
fn picture(user: &User) -> Vec<u8> {
    let hash = sha256(&user.id);
    let byte = |at: usize| hash.get(at).copied().unwrap_or_default();
    let rows = (0..8).flat_map(|row| {
        let half = byte(row) & 0xf0;
        [0, half | half.reverse_bits()]
    });
    let rows: Vec<u8> = rows.collect();
    let palette = [0x17, 0x13, 0x0a, byte(9) | 0x80, byte(10) | 0x40, byte(11)];
    let mut png = from_base64("iVBORw0KGgo=").unwrap_or_default();
    chunk(&mut png, b"IHDR", &[0, 0, 0, 8, 0, 0, 0, 8, 1, 3, 0, 0, 0]);
    chunk(&mut png, b"PLTE", &palette);
    chunk(&mut png, b"IDAT", &stored(&rows));
    chunk(&mut png, b"IEND", &[]);
    png
}

/// Writes a zlib stream (RFC 1950) of one stored block.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or_default();
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (a + b) % 65_521)
    });
    [
        &[0x78, 0x01, 0x01][..],
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        bytes,
        &(b << 16 | a).to_be_bytes(),
    ]
    .concat()
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let body = [&kind[..], data].concat();
    png.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    png.extend(&body);
    png.extend(crate::gzip::crc32(&body).to_be_bytes());
}
