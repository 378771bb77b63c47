//! Zip archives: the package of a function, and the assets of a CDK app.

use std::io::{self, Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// How hard an archive is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    Stored,
    /// As `zip -9` does it.
    Deflate,
    /// With fifteen iterations of zopfli: this takes half a minute for a function and saves 2 %.
    Zopfli,
}

impl Compression {
    fn options(self) -> SimpleFileOptions {
        let options = SimpleFileOptions::default().last_modified_time(DateTime::default()).unix_permissions(0o755);
        match self {
            Self::Stored => options.compression_method(CompressionMethod::Stored),
            Self::Deflate => options.compression_method(CompressionMethod::Deflated).compression_level(Some(9)),
            // In this library, zopfli's iterations begin after the nine levels of deflate.
            Self::Zopfli => options.compression_method(CompressionMethod::Deflated).compression_level(Some(9 + 15)),
        }
    }
}

/// An archive of executable files, by name and content. The same files always make the same bytes.
///
/// # Errors
/// None, unless there is no memory left.
pub fn zip<N: Into<String>>(
    files: impl IntoIterator<Item = (N, Vec<u8>)>,
    compression: Compression,
) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name.into(), compression.options()).map_err(io::Error::other)?;
        zip.write_all(&content)?;
    }
    Ok(zip.finish().map_err(io::Error::other)?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_archives_are_smaller_and_the_same_each_time() {
        let size = |compression| zip([("bootstrap", vec![0; 100_000])], compression).unwrap().len();
        assert!(size(Compression::Stored) > 100_000 && size(Compression::Deflate) < 1000);
        let once = zip([("a", vec![1]), ("b/c", vec![2])], Compression::Zopfli).unwrap();
        assert_eq!(zip([("a", vec![1]), ("b/c", vec![2])], Compression::Zopfli).unwrap(), once);
    }
}
