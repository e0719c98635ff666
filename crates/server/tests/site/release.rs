//! Releases: what goes out, what does not, and what proves it.

use std::{fs, path::Path};

use serde_json::json;
use smielfy::{
    dataset::{FindingKind, SmileyDataset, verify},
    smileys::Smileys,
};

use crate::support::{TestSite, demo};

/// Sends a picture with faces that the admin accepts.
async fn accepted(site: &TestSite, who: &str, number: u32) -> String {
    let photo = site.upload(who, "wink", demo(number)).await.json()["id"].as_str().unwrap().to_owned();
    site.admin_does(&photo, "accept").await;
    photo
}

fn files(release: &Path) -> Vec<String> {
    let dataset = SmileyDataset::load(release).unwrap();
    dataset.samples().iter().map(|sample| sample.file.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_has_what_may_go_out_and_never_changes() {
    let site = TestSite::start().await;
    let (shy, open) = (site.contributor_who(false, false).await, site.contributor_who(true, false).await);
    let hidden = accepted(&site, &shy, 1).await;
    let shown = accepted(&site, &open, 2).await;
    let faceless = site.give(&open, "wink").await;
    site.admin_does(&faceless, "accept").await;
    let rejected = site.upload(&open, "wink", demo(3)).await.json()["id"].as_str().unwrap().to_owned();
    site.admin_does(&rejected, "reject").await;

    let release = async |public: bool| {
        let made = site.post_as(&site.admin(), "/api/admin/releases", &json!({"public": public})).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()
    };
    let (inner, public) = (release(false).await, release(true).await);
    assert_eq!((&inner["number"], &inner["photos"]), (&json!(1), &json!(2)));
    assert_eq!((&public["number"], &public["photos"]), (&json!(2), &json!(1)));
    let folder = |number: u32| site.data().join(format!("releases/release-{number:04}"));
    assert_eq!(files(&folder(2)), [format!("{shown}.jpg")]);
    let mut both = [format!("{hidden}.jpg"), format!("{shown}.jpg")];
    both.sort();
    assert_eq!(files(&folder(1)), both);
    let report = verify(&folder(1), &Smileys::default(), None).unwrap();
    assert_eq!(report.errors, 0, "{}", report.to_text());
    let description = fs::read_to_string(folder(2).join("release.json")).unwrap();
    assert!(description.contains("Do not identify anybody"), "{description}");
    assert!(fs::metadata(folder(1).join("manifest.csv")).unwrap().permissions().readonly());

    let dataset = SmileyDataset::load(&folder(1)).unwrap();
    let groups: Vec<&str> = dataset.samples().iter().map(|sample| sample.group.as_str()).collect();
    assert_ne!(groups[0], groups[1], "two people are two groups");

    site.delete_as(&shy, "/api/receipt").await;
    assert_eq!(release(false).await["photos"], 1);
    let withdrawn = verify(&folder(1), &Smileys::default(), Some(&folder(3).join("tombstones.csv"))).unwrap();
    let found: Vec<_> = withdrawn.findings.iter().map(|finding| (finding.kind, finding.file.clone())).collect();
    assert_eq!(found, [(FindingKind::Withdrawn, format!("{hidden}.jpg"))], "the old release shows what to delete");
    assert_eq!(verify(&folder(3), &Smileys::default(), None).unwrap().errors, 0);
    let list = site.get_as(&site.admin(), "/api/admin/releases").await.json();
    assert_eq!(list["releases"].as_array().unwrap().len(), 3);
}
