//! The zip of a function for `provided.al2023`: one file, `bootstrap`.

use std::io::{self, Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Fifteen rounds of zopfli, which `zip` counts on from its nine levels: half a minute for a function, and 2 % less than the ninth level.
const LEVEL: i64 = 9 + 15;

/// A zip with `bootstrap` in it. The same bytes give the same zip, whenever and wherever it is made.
///
/// # Errors
/// None, unless memory is out.
pub fn zipped(bootstrap: &[u8]) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    zip.start_file("bootstrap", options).map_err(io::Error::other)?;
    zip.write_all(bootstrap)?;
    Ok(zip.finish().map_err(io::Error::other)?.into_inner())
}
