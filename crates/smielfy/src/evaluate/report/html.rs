//! The frame of a page, and text made safe for it.

/// Colors follow the reader's choice of light or dark; charts stay on white.
const STYLE: &str = "
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0 } h2 { margin-top: 2.5rem; font-size: 1.2rem }
.tiles { display: flex; flex-wrap: wrap; gap: 1rem }
.tile { padding: .6rem 1rem; border: 1px solid #8886; border-radius: .5rem; font-size: .85rem }
.tile b { display: block; font-size: 1.6rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
td, th { padding: .15rem .45rem; text-align: right; font-weight: normal; font-size: .85rem }
th { opacity: .75 } .matrix td { min-width: 1.6rem; text-align: center }
.matrix thead th { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left }
.bar { width: 16rem; text-align: left } .bar span { display: inline-block; height: .8rem; background: #1f77b4 }
svg { max-width: 100%; height: auto } .small { font-size: .8rem; opacity: .75 }
.faces { display: flex; flex-wrap: wrap; gap: .8rem } figure { margin: 0; width: 8rem; font-size: .75rem }
figure img { width: 100%; border-radius: .3rem }
";

/// A page of its own: it refers to nothing outside.
pub(super) fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{}</title>\
         <style>{STYLE}</style></head><body>{body}</body></html>\n",
        escaped(title)
    )
}

/// `text` as it is written in HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
