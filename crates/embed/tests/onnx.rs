//! Exports to ONNX against vectors of the original.
#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::{Path, PathBuf};

use embed::Model;
use proptest::prelude::*;
use serde::Deserialize;

fn distance(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::copy(from, to).unwrap();
}

/// `DESKWIRE_TEST_ONNX` names exports of the model in `DESKWIRE_TEST_MODEL` (by default that of `scripts/model`), with
/// colons between them.
#[test]
fn an_export_of_a_whole_model_gives_the_vectors_of_its_safetensors() {
    let Some(files) = std::env::var_os("DESKWIRE_TEST_ONNX") else {
        eprintln!("SKIPPED: DESKWIRE_TEST_ONNX names no exports");
        return;
    };
    let told = std::env::var_os("DESKWIRE_TEST_MODEL").map(PathBuf::from);
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.models/all-MiniLM-L6-v2");
    let directory = told.unwrap_or(usual);
    let original = Model::load(&directory).unwrap();
    let long = "word ".repeat(400);
    let texts = ["How do I reset my password?", "VPN", "naïve café résumé", "我想退款", "", &long];
    let wanted = original.embed(&texts).unwrap();
    for file in std::env::split_paths(&files) {
        let folder = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(&directory).unwrap().map(Result::unwrap) {
            if entry.path().is_file() && entry.file_name() != "model.safetensors" {
                copy(&entry.path(), &folder.path().join(entry.file_name()));
            }
        }
        copy(&directory.join("1_Pooling/config.json"), &folder.path().join("1_Pooling/config.json"));
        copy(&file, &folder.path().join("onnx/model.onnx"));
        let data = file.with_extension("onnx.data");
        if data.exists() {
            copy(&data, &folder.path().join("onnx").join(data.file_name().unwrap()));
        }
        let model = Model::load(folder.path()).unwrap();
        assert_ne!(model.version(), original.version());
        for ((vector, wanted), text) in model.embed(&texts).unwrap().iter().zip(&wanted).zip(texts) {
            let apart = distance(vector, wanted);
            eprintln!("{}: {apart:e} {}", file.display(), &text[..text.len().min(12)]);
            assert!(apart < 1e-5, "{}: {text}: {apart}", file.display());
        }
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/onnx")
}

/// A model's folder with the export `file` at `place`.
fn folder(model: &str, file: &str, place: &str) -> tempfile::TempDir {
    let (from, to) = (fixtures().join(model), tempfile::tempdir().unwrap());
    for name in ["config.json", "vocab.txt", "1_Pooling/config.json"] {
        copy(&from.join(name), &to.path().join(name));
    }
    copy(&from.join(file), &to.path().join(place));
    let data = format!("{file}.data");
    if from.join(&data).exists() {
        copy(&from.join(&data), &to.path().join(place).with_file_name(&data));
    }
    to
}

#[derive(Deserialize)]
struct Reference {
    text: String,
    vector: Vec<f32>,
}

/// Each kind of export with the vectors of torch that it has to give.
const EXPORTS: [(&str, &str, &str); 7] = [
    ("bert", "single.onnx", "single.json"),
    ("bert", "unfolded.onnx", "single.json"),
    ("bert", "dynamo.onnx", "single.json"),
    ("bert", "half.onnx", "half.json"),
    ("untrained", "legacy.onnx", "single.json"),
    ("untrained", "dynamo.onnx", "single.json"),
    ("roberta", "sentence.onnx", "single.json"),
];

#[test]
fn exports_of_every_kind_give_the_vectors_of_the_original() {
    for (model, file, reference) in EXPORTS {
        let text = std::fs::read_to_string(fixtures().join(model).join(reference)).unwrap();
        let references: Vec<Reference> = serde_json::from_str(&text).unwrap();
        assert_eq!(references.len(), 7);
        for place in ["model.onnx", "onnx/model.onnx"] {
            let folder = folder(model, file, place);
            let loaded = Model::load(folder.path()).unwrap();
            for Reference { text, vector } in &references {
                let apart = distance(&loaded.embed(&[text]).unwrap()[0], vector);
                assert!(apart < 1e-5, "{model}/{file} at {place}: {text}: {apart}");
            }
        }
    }
}

#[test]
fn the_version_covers_the_export_and_the_file_beside_it() {
    let version = |folder: &tempfile::TempDir| Model::load(folder.path()).unwrap().version().to_owned();
    let exports = ["single.onnx", "unfolded.onnx", "dynamo.onnx"].map(|file| folder("bert", file, "model.onnx"));
    let versions: std::collections::BTreeSet<String> = exports.iter().map(version).collect();
    assert_eq!(versions.len(), exports.len());
    let dynamo = &exports[2];
    let before = version(dynamo);
    assert_eq!(version(dynamo), before);
    let data = dynamo.path().join("dynamo.onnx.data");
    let mut bytes = std::fs::read(&data).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&data, &bytes).unwrap();
    assert_ne!(version(dynamo), before);
}

#[test]
fn safetensors_are_taken_before_an_export() {
    let folder = folder("bert", "single.onnx", "model.onnx");
    std::fs::write(folder.path().join("model.safetensors"), b"damaged").unwrap();
    let error = Model::load(folder.path()).unwrap_err().to_string();
    assert!(error.contains("model.safetensors: "), "{error}");
}

fn refusal(folder: &tempfile::TempDir) -> String {
    let error = Model::load(folder.path()).unwrap_err().to_string();
    error.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn what_cannot_be_used_is_refused_with_what_to_take_instead() {
    let quantised = refusal(&folder("bert", "quantised.onnx", "onnx/model.onnx"));
    assert!(quantised.starts_with("onnx/model.onnx: it is quantised (its operator "), "{quantised}");
    assert!(
        quantised.ends_with("take the export with weights of 32 or 16 bits, named model.onnx, or model.safetensors")
    );
    let fused = refusal(&folder("bert", "fused.onnx", "model.onnx"));
    assert!(fused.starts_with("model.onnx: it was optimised for onnxruntime"), "{fused}");
    assert!(fused.contains("com.microsoft:") && fused.contains("model.safetensors"), "{fused}");

    let bare = folder("bert", "single.onnx", "other.onnx");
    let why = "model.safetensors: it is not there; allowed is also an export to ONNX as model.onnx or onnx/model.onnx";
    assert_eq!(refusal(&bare), why);

    let beside = folder("bert", "dynamo.onnx", "model.onnx");
    std::fs::remove_file(beside.path().join("dynamo.onnx.data")).unwrap();
    assert!(refusal(&beside).ends_with(" in it, but it is not there"), "{}", refusal(&beside));
    std::fs::write(beside.path().join("dynamo.onnx.data"), [0; 100]).unwrap();
    let short = refusal(&beside);
    assert!(
        short.starts_with("model.onnx: tensor ") && short.contains("dynamo.onnx.data, which has 100 bytes"),
        "{short}"
    );

    // Its graph takes the first token's vector, and without this file nothing else says so.
    let sentence = folder("roberta", "sentence.onnx", "model.onnx");
    std::fs::remove_file(sentence.path().join("1_Pooling/config.json")).unwrap();
    assert!(refusal(&sentence).contains("add the model's 1_Pooling/config.json"), "{}", refusal(&sentence));
    let plain = folder("bert", "single.onnx", "model.onnx");
    let before = Model::load(plain.path()).unwrap().embed(&["refund"]).unwrap();
    std::fs::remove_file(plain.path().join("1_Pooling/config.json")).unwrap();
    assert_eq!(Model::load(plain.path()).unwrap().embed(&["refund"]).unwrap(), before);
}

#[test]
fn a_shape_other_than_in_config_json_is_refused_with_the_tensor() {
    let folder = folder("bert", "single.onnx", "model.onnx");
    let config = folder.path().join("config.json");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1")).unwrap();
    let fewer = refusal(&folder);
    assert!(
        fewer.contains("tensor encoder.layer.1.") && fewer.ends_with("config.json says that the number of layers is 1"),
        "{fewer}"
    );
    for (key, told, part) in [
        ("hidden_size", 16, "tensor embeddings.word_embeddings.weight: its shape is [40, 16], allowed is [40, 32]"),
        ("intermediate_size", 24, "tensor encoder.layer.0.intermediate.dense.bias: its shape is [24], allowed is [48]"),
        ("num_hidden_layers", 2, "tensor encoder.layer.2.attention.self.query.bias: no product with constant weights"),
    ] {
        let doubled = text.replace(&format!("\"{key}\": {told}"), &format!("\"{key}\": {}", told * 2));
        assert_ne!(doubled, text);
        std::fs::write(&config, doubled).unwrap();
        let error = refusal(&folder);
        assert!(error.starts_with("model.onnx: tensor ") && error.contains(part), "{error}");
    }
}

/// A damaged export either is refused with a sentence that names a file, or is a model with other weights: its vectors are
/// numbers.
fn loads_or_is_refused(folder: &tempfile::TempDir) {
    match Model::load(folder.path()) {
        Ok(model) => {
            let vector = &model.embed(&["how do i reset my password?"]).unwrap()[0];
            assert_eq!(vector.len(), 16);
        }
        Err(error) => {
            let error = error.to_string();
            assert!(error.contains("model.onnx") || error.contains("dynamo.onnx.data"), "{error}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn damaged_exports_are_no_danger(
        (model, file) in prop::sample::select(vec![
            ("bert", "single.onnx"), ("bert", "dynamo.onnx"), ("bert", "half.onnx"), ("untrained", "dynamo.onnx"),
        ]),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        end in prop::option::weighted(0.4, any::<prop::sample::Index>()),
    ) {
        let folder = folder(model, file, "model.onnx");
        let path = folder.path().join("model.onnx");
        let mut bytes = std::fs::read(&path).unwrap();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len()));
        }
        std::fs::write(&path, &bytes).unwrap();
        loads_or_is_refused(&folder);
    }
}

#[test]
fn an_export_cut_anywhere_in_its_graph_is_refused() {
    let folder = folder("bert", "dynamo.onnx", "model.onnx");
    let path = folder.path().join("model.onnx");
    let whole = std::fs::read(&path).unwrap();
    for end in (0..whole.len()).step_by(97) {
        std::fs::write(&path, &whole[..end]).unwrap();
        loads_or_is_refused(&folder);
    }
}
