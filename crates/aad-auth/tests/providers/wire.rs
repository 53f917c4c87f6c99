//! How a document is written, and further ways to set an application up, for each product.

use crate::{
    browser::Browser,
    journey::{Settings, World},
    product::{Expected, Product},
};

fn played() -> impl Iterator<Item = (String, Product)> {
    let all = Product::all().into_iter();
    all.filter(|(_, product)| product.expected != Expected::Cannot)
}

#[actix_web::test]
async fn r44_byte_order_marks_and_parameters_of_the_media_type_change_nothing() {
    for (name, product) in played() {
        let mut world = World::start(&product, Settings::Complete);
        let wire = ("\u{feff}\r\n", "Application/JSON;charset=UTF-8");
        *world.provider.state.wire.lock().unwrap() = wire;
        world.restart_app(Settings::Complete);
        let browser = Browser::new();
        let page = world.sign_in(&browser).await;
        assert_eq!(page.status, 200, "{name}: {}", page.body);
        let page = world.sign_in_with_a_used_code(&Browser::new()).await;
        let code = &product.used_code.code;
        assert!(page.body.contains(code), "{name}: {}", page.body);
    }
}

#[actix_web::test]
async fn r46_a_cancelled_sign_in_is_called_so_in_the_words_of_each_product() {
    for (name, product) in Product::all() {
        let world = World::start(&product, Settings::Complete);
        *world.provider.state.cancels.lock().unwrap() = true;
        let browser = Browser::new();
        let page = world.sign_in(&browser).await;
        if product.expected == Expected::Cannot && page.status == 503 {
            // The way ends before the product's page.
            continue;
        }
        let told = page.body.contains("AAD-FLOW-DECLINED") && page.body.contains("cancelled");
        assert!(told, "{name}: {}", page.body);
        assert!(browser.session_cookie().is_none());
    }
}

#[actix_web::test]
async fn userinfo_is_called_where_a_product_has_it() {
    for (name, product) in played() {
        if product.discovery.get("userinfo_endpoint").is_none() {
            continue;
        }
        let mut world = World::start(&product, Settings::And("AAD_USERINFO", "true"));
        for before in ["", "\u{feff}"] {
            world.provider.state.wire.lock().unwrap().0 = before;
            world.restart_app(Settings::And("AAD_USERINFO", "true"));
            let page = world.sign_in(&Browser::new()).await;
            assert_eq!(page.status, 200, "{name}: {}", page.body);
        }
    }
}

#[actix_web::test]
async fn an_issuer_that_differs_in_its_last_slash_is_refused_and_both_are_named() {
    for (name, product) in played() {
        if !product.settings.contains_key("AAD_AUTHORITY") {
            continue;
        }
        let other = match product.issuer.strip_suffix('/') {
            Some(without) => without.to_owned(),
            None => format!("{}/", product.issuer),
        };
        let world = World::start(&product, Settings::And("AAD_AUTHORITY", &other));
        let page = world.sign_in(&Browser::new()).await;
        assert_eq!(page.status, 503, "{name}: {}", page.body);
        let told = world.told(&page).await;
        let values = world.provider.state.documents.values();
        assert!(told.contains("AAD-METADATA-ISSUER"), "{name}: {told}");
        for issuer in [&product.issuer, &other] {
            assert!(told.contains(&values.text(issuer)), "{name}: {told}");
        }
    }
}
