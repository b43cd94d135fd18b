//! Exports to ONNX against vectors of the original.
#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]

use std::path::{Path, PathBuf};

use embed::Model;

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
