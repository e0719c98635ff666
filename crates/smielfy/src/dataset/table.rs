//! Plain text tables: cells go in, lines with aligned columns come out.

use std::fmt::Write;

/// A table with a head and rows of as many cells; the first column is aligned left, the others right.
pub(super) fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).chain(head.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut text = String::new();
    for row in std::iter::once(head).chain(rows.iter().map(Vec::as_slice)) {
        let mut line = String::new();
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            let written = if column == 0 { write!(line, "{cell:<width$}") } else { write!(line, "  {cell:>width$}") };
            written.expect("a string takes all text");
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// A table of sums: each item adds its count to the cell of its row and column, and to the last row and column, `all`.
///
/// Rows and columns appear in the order of their first items. Cells without items are `-`.
pub(super) fn pivot(title: &str, items: &[(String, String, usize)]) -> String {
    let mut rows: Vec<&str> = Vec::new();
    let mut columns: Vec<&str> = Vec::new();
    for (row, column, _) in items {
        if !rows.contains(&row.as_str()) {
            rows.push(row);
        }
        if !columns.contains(&column.as_str()) {
            columns.push(column);
        }
    }
    let sum = |row: Option<&str>, column: Option<&str>| {
        let counted = |wanted: Option<&str>, name: &str| wanted.is_none_or(|wanted| wanted == name);
        let cells = items.iter().filter(|item| counted(row, &item.0) && counted(column, &item.1));
        let sum: usize = cells.map(|item| item.2).sum();
        if sum == 0 { "-".to_owned() } else { sum.to_string() }
    };
    let line = |name: &str, row: Option<&str>| {
        let cells = columns.iter().map(|&column| sum(row, Some(column)));
        std::iter::once(name.to_owned()).chain(cells).chain([sum(row, None)]).collect::<Vec<String>>()
    };
    let head: Vec<String> = [title].iter().chain(&columns).chain(&["all"]).map(|&name| name.to_owned()).collect();
    let lines = rows.iter().map(|&row| line(row, Some(row))).chain([line("all", None)]).collect::<Vec<_>>();
    table(&head, &lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pivots_sum_and_align() {
        let item = |row: &str, column: &str, count| (row.to_owned(), column.to_owned(), count);
        let items = [item("wink", "train", 7), item("a", "test", 100), item("wink", "test", 2), item("wink", "train", 1)];
        let expected = "\
smiley  train  test  all
wink        8     2   10
a           -   100  100
all         8   102  110
";
        assert_eq!(pivot("smiley", &items), expected);
        assert_eq!(pivot("smiley", &[]), "smiley  all\nall       -\n");
    }
}
