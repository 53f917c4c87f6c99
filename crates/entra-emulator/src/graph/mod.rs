//! Microsoft Graph, a small part of it, and the userinfo endpoint.

mod caller;
mod members;
mod photo;
mod profile;
mod user_info;

pub(crate) use members::{
    check_member_groups, member_groups, member_objects, member_of, transitive_member_of,
};
pub(crate) use photo::{photo, photo_metadata};
pub(crate) use profile::{me, user};
pub(crate) use user_info::{revoke_sign_in_sessions, user_info};
