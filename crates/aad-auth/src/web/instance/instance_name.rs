//! Which instance an extractor means, where an application has several.

/// Names an instance as a type, so that an extractor can say whose user it wants.
///
/// ```
/// use aad_auth::{InstanceName, User};
///
/// /// The partners' tenant: `Auth::builder(config).name(Partners::NAME).prefix("/partners/auth")`.
/// struct Partners;
///
/// impl InstanceName for Partners {
///     const NAME: &'static str = "partners";
/// }
///
/// async fn orders(user: User<Partners>) -> String {
///     format!("Hello {}", user.name())
/// }
///
/// async fn home(staff: Option<User>, partner: Option<User<Partners>>) -> &'static str {
///     if staff.is_some() || partner.is_some() { "hello" } else { "sign in" }
/// }
/// ```
pub trait InstanceName: 'static {
    /// The name that [`AuthBuilder::name`](crate::AuthBuilder::name) was given.
    const NAME: &'static str;
}

/// The instance without a name: what `User` means when it says nothing else.
///
/// See [`InstanceName`] for an example.
#[derive(Clone, Copy, Debug)]
pub enum Main {}

impl InstanceName for Main {
    const NAME: &'static str = "";
}
