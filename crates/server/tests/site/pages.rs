//! Pages, and what every answer says to browsers.

use reqwest::Method;
use smielfy::recognize::Models;
use smielfy_nets::Weights;

use crate::support::{TestSite, send};

#[tokio::test]
async fn pages_come_with_a_strict_policy_and_without_cookies() {
    let site = TestSite::start().await;
    for path in ["/", "/review", "/receipt", "/live", "/admin", "/privacy"] {
        let page = site.get(path).await;
        assert_eq!(
            (page.status.as_u16(), page.headers["content-type"].to_str().unwrap()),
            (200, "text/html; charset=utf-8"),
            "{path}"
        );
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self';"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        for (header, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("permissions-policy", "camera=(self), microphone=(), geolocation=()"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(page.headers[header], value);
        }
        assert_eq!(page.headers.get("set-cookie"), None);
        assert!(!page.text().contains("http://") && !page.text().contains("//cdn"), "nothing comes from elsewhere");
    }
}

#[tokio::test]
async fn a_page_that_has_not_changed_is_not_sent_again() {
    let site = TestSite::start().await;
    for path in ["/", "/assets/nets/faces"] {
        let page = site.get(path).await;
        let again = send(site.request(Method::GET, path).header("if-none-match", &page.headers["etag"])).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path}");
    }
}

#[tokio::test]
async fn the_nets_that_pages_run_are_those_of_the_detector() {
    let site = TestSite::start().await;
    let models = Models::default();
    let [proposals, faces, _, verification, _] = models.all();
    for (name, weights) in [("proposals", proposals), ("faces", faces), ("verification", verification)] {
        let net = site.get(&format!("/assets/nets/{name}")).await;
        assert_eq!(Weights::from_bytes(&net.body).unwrap().card, weights.card);
    }
    assert_eq!(site.get("/assets/nets/smileys").await.status.as_u16(), 404);
}

#[tokio::test]
async fn machines_can_ask_whether_it_is_well() {
    let site = TestSite::start().await;
    assert_eq!(site.get("/healthz").await.text(), "ok\n");
    let before = site.counter("smielfy_responses_total{status=\"200\"}").await;
    assert!(before >= 1);
    assert_eq!(site.counter("smielfy_responses_total{status=\"200\"}").await, before + 1);
}

#[tokio::test]
async fn the_configuration_is_what_pages_need() {
    let site = TestSite::start().await;
    let config = site.get("/api/config").await.json();
    assert_eq!(config["smileys"].as_array().unwrap().len(), 17);
    assert_eq!(config["smileys"][11]["emoticon"], ":P");
    assert_eq!(config["smileys"][11]["pose"], serde_json::json!({"en": "tongue out", "ru": "язык высунут"}));
    assert_eq!(config["limits"], serde_json::json!({"photo_bytes": 8_388_608, "longest_side": 1280, "burst": 5}));
    assert!(config["consent"]["text"]["ru"].as_array().unwrap().len() > 3);
}
