//! Instances side by side in one application: refuses shared names, routes and cookies.

use std::sync::{Arc, PoisonError, RwLock, Weak};

use crate::config::{Config, is_below};

/// Why an instance cannot stand beside the others of its application.
///
/// ```
/// use aad_auth::{Auth, Config, InstanceConflict, StartError};
///
/// fn needs_name(staff: &Auth, partners: Config) -> bool {
///     let built = Auth::builder(partners).beside(staff).build();
///     matches!(built, Err(StartError::Instance(InstanceConflict::Name)))
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InstanceConflict {
    /// The name cannot be part of a cookie's name.
    #[error(
        "an instance's name has 1 to 32 lower-case letters, digits and hyphens: .name(\"partners\")"
    )]
    BadName,
    /// The prefix is no plain path.
    #[error(
        "a prefix is a path of plain characters without a slash at its end: .prefix(\"/partners/auth\")"
    )]
    BadPrefix,
    /// Two instances of one name, or two without any.
    #[error(
        "two instances in one application have the same name: give the second one its own, .name(\"partners\")"
    )]
    Name,
    /// The routes of one lie among those of the other.
    #[error(
        "the routes of two instances overlap: give the second one its own, .prefix(\"/partners/auth\")"
    )]
    Prefix,
    /// The provider would send browsers of one to the other.
    #[error(
        "the redirect path of an instance lies among the routes of another: set AAD_REDIRECT_PATH of each below its own prefix"
    )]
    RedirectPath,
    /// The cookies of one would overwrite those of the other.
    #[error(
        "two instances have the same cookie names: give the second one another name, .name(\"partners\")"
    )]
    Cookies,
    /// They answer for different addresses.
    #[error(
        "two instances in one application have different origins in AAD_BASE_URL: they are one site to browsers"
    )]
    Origin,
}

/// One instance, as those beside it know it.
pub(in crate::web) struct Peer {
    name: String,
    config: Arc<Config>,
}

impl Peer {
    pub(in crate::web) const fn new(name: String, config: Arc<Config>) -> Self {
        Self { name, config }
    }

    pub(in crate::web) fn name(&self) -> &str {
        &self.name
    }

    pub(in crate::web) fn config(&self) -> &Config {
        &self.config
    }
}

/// The instances of one application. Shared by all of them, and keeps none of them alive.
#[derive(Default)]
pub(in crate::web) struct Peers(RwLock<Vec<Weak<Peer>>>);

impl Peers {
    /// Refuses what would share something with an instance that is already there.
    pub(in crate::web) fn refuse_conflict(
        &self,
        name: &str,
        config: &Config,
    ) -> Result<(), InstanceConflict> {
        let list = self.0.read().unwrap_or_else(PoisonError::into_inner);
        refuse(&list, name, config)
    }

    /// Adds an instance. Decides once more: another one may have joined meanwhile.
    pub(in crate::web) fn join(&self, peer: &Arc<Peer>) -> Result<(), InstanceConflict> {
        let mut list = self.0.write().unwrap_or_else(PoisonError::into_inner);
        list.retain(|one| one.strong_count() > 0);
        refuse(&list, peer.name(), peer.config())?;
        list.push(Arc::downgrade(peer));
        Ok(())
    }

    /// Whether a test holds for any of them.
    pub(in crate::web) fn any(&self, test: impl Fn(&Peer) -> bool) -> bool {
        let list = self.0.read().unwrap_or_else(PoisonError::into_inner);
        list.iter()
            .filter_map(Weak::upgrade)
            .any(|peer| test(&peer))
    }
}

fn refuse(list: &[Weak<Peer>], name: &str, config: &Config) -> Result<(), InstanceConflict> {
    let others = list.iter().filter_map(Weak::upgrade);
    others
        .filter_map(|other| conflict((name, config), (other.name(), other.config())))
        .next()
        .map_or(Ok(()), Err)
}

/// What two instances share that they must not.
fn conflict(one: (&str, &Config), other: (&str, &Config)) -> Option<InstanceConflict> {
    let ((name, one), (other_name, other)) = (one, other);
    let overlap = |a: &str, b: &str| is_below(a, b) || is_below(b, a);
    if name == other_name {
        return Some(InstanceConflict::Name);
    }
    if one.base_url.origin() != other.base_url.origin() {
        return Some(InstanceConflict::Origin);
    }
    if overlap(&one.route_prefix, &other.route_prefix) {
        return Some(InstanceConflict::Prefix);
    }
    if one.redirect_path == other.redirect_path
        || is_below(&one.redirect_path, &other.route_prefix)
        || is_below(&other.redirect_path, &one.route_prefix)
    {
        return Some(InstanceConflict::RedirectPath);
    }
    (one.cookies.session == other.cookies.session || one.cookies.browser == other.cookies.browser)
        .then_some(InstanceConflict::Cookies)
}
