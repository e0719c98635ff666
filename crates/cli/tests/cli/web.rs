//! The pages of `smielfy serve` in a real browser: `web/tests/run` drives the built binary through Chromium.

use std::process::Command;

use crate::support::root;

/// Says why in its output where node, its packages or Chromium are missing, unless `SMIELFY_WEB_TESTS=required`.
#[test]
fn the_pages_work_in_a_real_browser() {
    let run = Command::new(root().join("web/tests/run")).arg(env!("CARGO_BIN_EXE_smielfy")).output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}\n{}", String::from_utf8_lossy(&run.stderr));
    if let Some(reason) = said.lines().find(|line| line.starts_with("skipped: ")) {
        eprintln!("{reason}");
    } else {
        assert!(said.contains("\n# fail 0"), "the tests ran: {said}");
    }
}
