//! The numbers of a tensor, from the ONNX file or from a file beside it.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use super::proto::{EXTERNAL, Tensor};
use crate::EmbedError;
use crate::weights::{Kind, finite};

/// The files beside an ONNX file in which it keeps numbers, each read once.
pub(crate) struct SideFiles {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl SideFiles {
    /// Reads the files that `tensors` of the ONNX file `path` name, which have to be inside its folder.
    pub(crate) fn read<'a>(path: &Path, tensors: impl Iterator<Item = &'a Tensor>) -> Result<Self, EmbedError> {
        let mut files = BTreeMap::new();
        for tensor in tensors.filter(|tensor| tensor.data_location == EXTERNAL) {
            let place =
                place(tensor).map_err(|why| EmbedError::model(path, format!("tensor {}: {why}", tensor.name)))?;
            if files.contains_key(&place) {
                continue;
            }
            let file = path.with_file_name("").join(&place);
            let named = |why| {
                let by = path.file_name().unwrap_or_default().display();
                EmbedError::model(&file, format!("{by} keeps the tensor {} in it, but it {why}", tensor.name))
            };
            match std::fs::metadata(&file) {
                Ok(found) if found.is_file() => {}
                Ok(_) => return Err(named("is not a file")),
                Err(error) if error.kind() == ErrorKind::NotFound => return Err(named("is not there")),
                Err(source) => return Err(EmbedError::Read { path: file, source }),
            }
            let bytes = std::fs::read(&file).map_err(|source| EmbedError::Read { path: file, source })?;
            files.insert(place, bytes);
        }
        Ok(Self { files })
    }

    /// Adds all of them to a model's hash.
    pub(crate) fn add_to(&self, hash: &mut Sha256) {
        for bytes in self.files.values() {
            hash.update(bytes);
        }
    }

    /// The numbers of `tensor`, which has to have this shape.
    ///
    /// # Errors
    /// Says what is wrong with the tensor.
    pub(crate) fn floats(&self, tensor: &Tensor, shape: &[usize]) -> Result<Vec<f32>, String> {
        let same = tensor.dims.len() == shape.len()
            && tensor.dims.iter().zip(shape).all(|(told, wanted)| usize::try_from(*told) == Ok(*wanted));
        if !same {
            return Err(format!("its shape is {:?}, allowed is {shape:?}", tensor.dims));
        }
        let kind = match tensor.data_type {
            1 => Kind::F32,
            10 => Kind::F16,
            16 => Kind::BF16,
            other => return Err(format!("its type is {}, allowed are FLOAT, FLOAT16, BFLOAT16", type_name(other))),
        };
        // The shape comes from config.json, which bounds each side.
        let count: usize = shape.iter().product();
        let all = |there: usize, size: usize| {
            let needed = count.saturating_mul(size);
            let why = || format!("it has {there} bytes of data, its shape {shape:?} needs {needed}");
            (there == needed).then_some(()).ok_or_else(why)
        };
        let values = if tensor.data_location == EXTERNAL {
            kind.floats(self.outside(tensor, count.saturating_mul(kind.size()))?)
        } else if let Some(raw) = &tensor.raw_data {
            all(raw.len(), kind.size())?;
            kind.floats(raw)
        } else if kind == Kind::F32 {
            all(tensor.float_data.len().saturating_mul(4), 4)?;
            tensor.float_data.clone()
        } else {
            all(tensor.int32_data.len().saturating_mul(2), 2)?;
            let short = |bits: &i32| u16::try_from(*bits).map_err(|_| format!("it holds {bits}, not a 16-bit number"));
            tensor.int32_data.iter().map(|bits| Ok(kind.short(short(bits)?))).collect::<Result<_, String>>()?
        };
        finite(values)
    }

    /// The `needed` bytes of a tensor in another file.
    fn outside(&self, tensor: &Tensor, needed: usize) -> Result<&[u8], String> {
        let place = place(tensor)?;
        let bytes = self.files.get(&place).ok_or_else(|| format!("{} was not read", place.display()))?;
        let from = number(tensor, "offset")?.unwrap_or(0);
        let length = number(tensor, "length")?.unwrap_or(needed);
        if length != needed {
            return Err(format!("it has {length} bytes of data, its shape {:?} needs {needed}", tensor.dims));
        }
        let part = from.checked_add(length).and_then(|to| bytes.get(from..to));
        part.ok_or_else(|| {
            let (file, all) = (place.display(), bytes.len());
            format!("its {length} bytes from {from} on are not in {file}, which has {all} bytes")
        })
    }
}

fn entry<'a>(tensor: &'a Tensor, key: &str) -> Option<&'a str> {
    tensor.external_data.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str())
}

fn number(tensor: &Tensor, key: &str) -> Result<Option<usize>, String> {
    let read = |text: &str| text.parse().map_err(|_| format!("{key} of its data is {text:?}, allowed is a number"));
    entry(tensor, key).map(read).transpose()
}

/// The file that holds a tensor's numbers, seen from the ONNX file's folder. Nothing of this path may lead out of it;
/// where a link that is in the folder leads is up to whoever made the folder, as with all files of a model.
fn place(tensor: &Tensor) -> Result<PathBuf, String> {
    let told = entry(tensor, "location").ok_or("its data is in another file, which is not named")?;
    let parts = Path::new(told).components().filter(|part| *part != Component::CurDir);
    let inside = parts.map(|part| if let Component::Normal(name) = part { Some(name) } else { None });
    let place: Option<PathBuf> = inside.collect();
    let place = place.filter(|place| !place.as_os_str().is_empty() && !told.contains('\0'));
    place.ok_or_else(|| format!("its data is in {told:?}, allowed are files in the folder of the ONNX file"))
}

/// What `onnx.proto` calls a type of numbers.
fn type_name(number: i32) -> String {
    let name = match number {
        2 => "UINT8",
        3 => "INT8",
        6 => "INT32",
        7 => "INT64",
        11 => "DOUBLE",
        21 => "UINT4",
        22 => "INT4",
        other => return format!("number {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::Entry;

    fn tensor(data_type: i32, dims: &[i64]) -> Tensor {
        Tensor { data_type, dims: dims.to_vec(), ..Tensor::default() }
    }

    fn outside(entries: &[(&str, &str)]) -> Tensor {
        let entry = |(key, value): &(&str, &str)| Entry { key: (*key).into(), value: (*value).into() };
        let external_data = entries.iter().map(entry).collect();
        Tensor { name: "t".into(), data_location: EXTERNAL, external_data, ..tensor(1, &[2]) }
    }

    fn none() -> SideFiles {
        SideFiles { files: BTreeMap::new() }
    }

    #[test]
    fn all_ways_to_store_numbers_give_the_same_ones() {
        let raw: Vec<u8> = [1.5_f32, -2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        let ways = [
            Tensor { raw_data: Some(raw.into()), ..tensor(1, &[2]) },
            Tensor { float_data: vec![1.5, -2.0], ..tensor(1, &[2]) },
            Tensor { raw_data: Some(vec![0x00, 0x3e, 0x00, 0xc0].into()), ..tensor(10, &[2]) },
            Tensor { int32_data: vec![0x3e00, 0xc000], ..tensor(10, &[2]) },
            Tensor { raw_data: Some(vec![0xc0, 0x3f, 0x00, 0xc0].into()), ..tensor(16, &[2]) },
            Tensor { int32_data: vec![0x3fc0, 0xc000], ..tensor(16, &[2]) },
        ];
        for way in ways {
            assert_eq!(none().floats(&way, &[2]).unwrap(), [1.5, -2.0], "{way:?}");
        }
    }

    #[test]
    fn numbers_that_do_not_fit_are_refused() {
        let cases = [
            (tensor(1, &[3]), "its shape is [3], allowed is [2]"),
            (tensor(1, &[-2]), "its shape is [-2], allowed is [2]"),
            (tensor(1, &[2]), "it has 0 bytes of data, its shape [2] needs 8"),
            (tensor(3, &[2]), "its type is INT8, allowed are FLOAT, FLOAT16, BFLOAT16"),
            (tensor(99, &[2]), "its type is number 99"),
            (Tensor { raw_data: Some(vec![0; 9].into()), ..tensor(1, &[2]) }, "it has 9 bytes of data"),
            (Tensor { float_data: vec![1.0, f32::NAN], ..tensor(1, &[2]) }, "it holds NaN"),
            (Tensor { int32_data: vec![1, -1], ..tensor(10, &[2]) }, "it holds -1, not a 16-bit number"),
            (outside(&[]), "its data is in another file, which is not named"),
        ];
        for (tensor, part) in cases {
            let error = none().floats(&tensor, &[2]).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_file_beside_is_read_by_offset_and_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.onnx");
        let bytes: Vec<u8> = [9.0_f32, 1.5, -2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        std::fs::write(folder.path().join("data"), &bytes).unwrap();
        let read = |entries: &[(&str, &str)]| {
            let tensor = outside(entries);
            SideFiles::read(&path, [&tensor].into_iter()).map(|files| files.floats(&tensor, &[2]))
        };
        for location in ["data", "./data"] {
            assert_eq!(
                read(&[("location", location), ("offset", "4"), ("length", "8")]).unwrap().unwrap(),
                [1.5, -2.0]
            );
        }
        assert_eq!(read(&[("location", "data"), ("offset", "4")]).unwrap().unwrap(), [1.5, -2.0]);
        assert_eq!(read(&[("location", "data")]).unwrap().unwrap(), [9.0, 1.5]);
        for (offset, length, part) in [
            ("8", "8", "its 8 bytes from 8 on are not in data, which has 12 bytes"),
            ("18446744073709551615", "8", "are not in data"),
            ("4", "4", "it has 4 bytes of data, its shape [2] needs 8"),
            ("-1", "8", "offset of its data is \"-1\", allowed is a number"),
        ] {
            let error = read(&[("location", "data"), ("offset", offset), ("length", length)]).unwrap().unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_path_that_leads_out_of_the_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("onnx/inner")).unwrap();
        std::fs::write(folder.path().join("secret"), [0; 8]).unwrap();
        let path = folder.path().join("onnx/model.onnx");
        let absolute = folder.path().join("secret").display().to_string();
        for location in ["../secret", "inner/../../secret", &absolute, "/dev/zero", "", ".", "..", "a\0b"] {
            let tensor = outside(&[("location", location)]);
            let error = SideFiles::read(&path, [&tensor].into_iter()).err().unwrap().to_string();
            assert!(error.contains("tensor t: its data is in") && error.contains("allowed are files in"), "{error}");
        }
        let error = |location| {
            let tensor = outside(&[("location", location)]);
            SideFiles::read(&path, [&tensor].into_iter()).err().unwrap().to_string()
        };
        let part = "onnx/inner: model.onnx keeps the tensor t in it, but it is not a file";
        assert!(error("inner").contains(part), "{}", error("inner"));
        let part = "onnx/missing: model.onnx keeps the tensor t in it, but it is not there";
        assert!(error("missing").contains(part), "{}", error("missing"));
    }
}
