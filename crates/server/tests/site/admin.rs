//! What the admin sees and does.

use serde_json::{Value, json};

use crate::support::TestSite;

#[tokio::test]
async fn the_admin_counts_searches_and_decides() {
    let site = TestSite::start().await;
    let admin = site.admin();
    let me = site.contributor().await;
    let (first, second) = (site.give(&me, "wink").await, site.give(&me, "grin").await);
    let search = async |query: &str| {
        let found = site.get_as(&admin, &format!("/api/admin/photos?{query}")).await.json();
        let ids = found["photos"].as_array().unwrap().iter().map(|photo| photo["id"].as_str().unwrap().to_owned());
        (ids.collect::<Vec<String>>(), found["pages"].as_i64().unwrap())
    };
    assert_eq!(search("").await.0.len(), 2);
    assert_eq!(search("smiley=wink").await, (vec![first.clone()], 1));
    assert_eq!(search(&format!("text={}", &second[..6])).await, (vec![second.clone()], 1));
    assert_eq!(search("state=rejected").await, (vec![], 0));
    assert_eq!(search("page=1").await, (vec![], 1));

    let act = async |photo: &str, body: Value| site.post_as(&admin, &format!("/api/admin/photos/{photo}"), &body).await;
    assert_eq!(act(&first, json!({"action": "relabel", "smiley": "kiss"})).await.status, 204);
    assert_eq!(act(&second, json!({"action": "reject"})).await.status, 204);
    act(&first, json!({"action": "relabel"})).await.refused(400, "malformed");
    act(&first, json!({"action": "relabel", "smiley": "none"})).await.refused(422, "unknown_smiley");
    act(&first, json!({"action": "burn"})).await.refused(400, "malformed");
    act("00", json!({"action": "accept"})).await.refused(404, "not_found");
    assert_eq!(search("state=accepted&smiley=kiss").await.0, std::slice::from_ref(&first));

    let overview = site.get_as(&admin, "/api/admin/overview").await.json();
    assert_eq!(overview["receipts"], 1);
    let counts = |id: &str| overview["smileys"].as_array().unwrap().iter().find(|row| row["smiley"] == id).unwrap().clone();
    assert_eq!(counts("kiss"), json!({"smiley": "kiss", "waiting": 0, "accepted": 1, "rejected": 0}));
    assert_eq!(counts("grin"), json!({"smiley": "grin", "waiting": 0, "accepted": 0, "rejected": 1}));
    assert_eq!(site.get_as(&admin, &format!("/api/admin/photos/{first}?thumbnail")).await.headers["content-type"], "image/jpeg");
}

#[tokio::test]
async fn only_the_admin_is_the_admin() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    for path in ["overview", "photos", "photos/00", "releases", "erasures"] {
        let path = format!("/api/admin/{path}");
        site.get(&path).await.refused(401, "unknown_secret");
        site.get_as(&me.replace("Receipt", "Bearer"), &path).await.refused(401, "unknown_secret");
    }
    let old = site.admin();
    assert_eq!(site.get_as(&old, "/api/admin/overview").await.status, 200);
    assert!(site.site.new_admin_secret(false).await.unwrap().is_none(), "it is told once");
    let new = site.site.new_admin_secret(true).await.unwrap().unwrap();
    site.get_as(&old, "/api/admin/overview").await.refused(401, "unknown_secret");
    assert_eq!(site.get_as(&format!("Bearer {new}"), "/api/admin/overview").await.status, 200);
}
