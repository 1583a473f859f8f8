//! The operator's program. `infra/admin.py` builds and starts it with the credentials and the name of a stage.

use server::admin::{self, Command};
use std::process::ExitCode;

const USAGE: &str = "usage: admin rebuild [--strict]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let command = match arguments[..] {
        ["rebuild"] => Command::Rebuild { strict: false },
        ["rebuild", "--strict"] => Command::Rebuild { strict: true },
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match admin::run(command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
