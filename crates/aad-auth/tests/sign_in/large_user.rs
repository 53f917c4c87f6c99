//! Somebody with many groups and roles, and large tokens: the cookies stay small.

use aad_auth::internals::{AuthInternals, secret::ExposeSecret, session::SessionId};
use entra_emulator::Fault;

use crate::support::{ADA, Browser, World};

#[actix_web::test]
async fn a_user_with_250_groups_40_roles_and_tokens_of_16_kilobytes_has_two_small_cookies() {
    let world = World::start();
    world.users(ADA);
    let control = world.emulator.control();
    control
        .edit_user(ADA, |user| {
            user.generated_groups = 250;
            user.generated_roles = 40;
        })
        .unwrap();
    let large = |letter: &str| letter.repeat(16 * 1024);
    let faults = control.faults();
    faults.set(Fault::token_answer("access_token", large("a")));
    faults.set(Fault::token_answer("refresh_token", large("r")));
    let browser = Browser::new();
    assert_eq!(browser.open(&world.app.url("/app/x")).await.status, 200);

    let cookies = browser.cookies("localhost");
    assert_eq!(cookies.len(), 2, "{:?}", cookies.keys());
    let sent: usize = cookies.iter().map(|(n, v)| n.len() + v.len() + 3).sum();
    assert!(sent < 300, "{sent}");
    let sessions = world.app.auth.engine().sessions();
    let id = SessionId::parse(browser.session_cookie().unwrap().1.as_bytes()).unwrap();
    let session = sessions.load(&id).await.unwrap().unwrap();
    assert!(session.user().roles.len() >= 40);
    assert!(session.user().groups.overage || session.user().groups.ids.len() >= 250);
    let kept = sessions.vault().get(&session).await.unwrap().unwrap();
    assert_eq!(
        kept.tokens
            .access_token
            .as_ref()
            .unwrap()
            .expose_secret()
            .len(),
        16 * 1024
    );
}
