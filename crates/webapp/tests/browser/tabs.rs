//! Several tabs (abuse C24).

use crate::support::{ADA, World, open_browser};

#[actix_web::test]
async fn tabs_opened_before_anybody_was_signed_in_each_end_on_their_own_page() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    let pages = ["/token_details", "/groups", "/sessions"];
    let mut tabs = Vec::new();
    for page in pages {
        tabs.push(browser.new_tab().await);
        browser.open(&world.url(page)).await;
        browser.arrive(&world.provider()).await;
    }
    for (tab, page) in tabs.iter().zip(pages) {
        browser.switch_to(tab).await;
        browser.press("Ada Admin").await;
        browser.arrive(&world.url(page)).await;
        assert_eq!(world.who(&browser).await, ADA, "{page}");
        assert_eq!(browser.complaints().await, [""; 0], "{page}");
    }
    // All of them share one session, and the first tab still has it.
    browser.switch_to(&tabs[0]).await;
    browser.open(&world.url("/sessions")).await;
    let rows = "return document.querySelectorAll('tbody tr').length";
    assert_eq!(browser.script(rows).await, 1);
}
