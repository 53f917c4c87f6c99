//! The switch between light and dark.

use crate::support::{Browser, World, open_browser};

async fn theme(browser: &Browser) -> String {
    let theme = "return document.documentElement.dataset.theme ?? 'auto'";
    browser.script(theme).await.as_str().unwrap().to_owned()
}

async fn background(browser: &Browser) -> String {
    let colour = "return getComputedStyle(document.body).backgroundColor";
    browser.script(colour).await.as_str().unwrap().to_owned()
}

/// The script sends the choice in the background.
async fn assert_kept(browser: &Browser, chosen: &str) {
    let kept = async || {
        let cookies = browser.cookies().await;
        let cookie = cookies.iter().find(|cookie| cookie["name"] == "theme");
        cookie.map_or(chosen == "auto", |cookie| cookie["value"] == chosen)
    };
    browser.until("the choice is kept", kept).await;
}

#[actix_web::test]
async fn the_appearance_that_was_chosen_stays_and_shows_at_once() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    browser.open(&world.url("/")).await;
    let mut seen = Vec::new();
    for chosen in ["light", "dark", "auto"] {
        browser.click(&format!("button[value={chosen}]")).await;
        assert_eq!(theme(&browser).await, chosen, "before a reload");
        seen.push(background(&browser).await);
        assert_kept(&browser, chosen).await;
        browser.reload().await;
        assert_eq!(theme(&browser).await, chosen, "after a reload");
        assert_eq!(background(&browser).await, *seen.last().unwrap());
    }
    assert_ne!(seen[0], seen[1]);
    assert_eq!(browser.complaints().await, [""; 0]);
}
