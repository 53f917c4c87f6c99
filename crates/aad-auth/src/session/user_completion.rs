//! Completes the snapshot of a user with the claims of userinfo (`AAD_USERINFO`).

use super::{Memberships, UserSnapshot};
use crate::{
    secret::Pii,
    validation::{Groups, IdToken, RolePaths, Roles, Userinfo},
};

impl UserSnapshot {
    /// Adds the claims of `info` that `token` lacks (OpenID Connect Core 1.0 section 5.4). This snapshot
    /// was made from `token`. Each claim of `AAD_ROLES_CLAIM` is completed separately. The caller has
    /// checked that both have the same subject.
    #[must_use]
    pub(crate) fn completed(mut self, token: &IdToken, info: Userinfo) -> Self {
        self.name = self.name.or(info.name);
        self.preferred_username = self.preferred_username.or(info.preferred_username);
        self.email = self.email.or(info.email);
        self.add_roles(token, &info.roles);
        if *token.groups() == Groups::Absent {
            self.groups = Memberships::of(&info.groups);
            self.groups_of_userinfo = true;
        }
        self
    }

    /// Completes the snapshot while userinfo does not answer: claims that only userinfo had `before` are
    /// kept. Claims of the new ID token replace the old ones, so that an outage of userinfo keeps no
    /// right that was withdrawn.
    #[must_use]
    pub(crate) fn while_userinfo_is_away(mut self, token: &IdToken, before: &Self) -> Self {
        self.keep_names(before);
        if token.absent_role_paths() != RolePaths::NONE {
            let kept = Roles::known(&before.roles_of_userinfo, before.roles_incomplete);
            self.add_roles(token, &kept);
        }
        if *token.groups() == Groups::Absent && before.groups_of_userinfo {
            self.groups = before.groups.clone();
            self.groups_of_userinfo = true;
        }
        self
    }

    /// Completes the snapshot when userinfo refuses to answer: names of `before` are kept, roles and
    /// groups become unknown.
    #[must_use]
    pub(crate) fn without_userinfo(mut self, token: &IdToken, before: &Self) -> Self {
        self.keep_names(before);
        if token.absent_role_paths() != RolePaths::NONE {
            self.add_roles(token, &Roles::unknown());
        }
        self.groups.overage |= *token.groups() == Groups::Absent;
        self
    }

    fn keep_names(&mut self, before: &Self) {
        let keep = |own: &mut Option<Pii>, old: &Option<Pii>| {
            if own.is_none() {
                own.clone_from(old);
            }
        };
        keep(&mut self.name, &before.name);
        keep(&mut self.preferred_username, &before.preferred_username);
        keep(&mut self.email, &before.email);
    }

    fn add_roles(&mut self, token: &IdToken, more: &Roles) {
        let all = token.all_roles().merged(more);
        self.roles = all.listed().to_vec();
        self.roles_incomplete = all.is_incomplete();
        self.roles_of_userinfo = more.listed().to_vec();
    }
}
