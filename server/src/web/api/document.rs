//! What the API is, as an OpenAPI 3.1 document: its shapes are made from the types.

use super::bearer::{Delete, Read, Scope, Write};
use crate::web::Web;
use axum::Json;
use axum::extract::State;
use model::photos::{MAX_ORIGINAL_BYTES, Wanted};
use model::programs::{PhotoEntry, PhotoPage, Problem, UploadGrant};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

/// Where a page ends, as [`crate::photos::records::PhotoRecord::is_place`] reads it.
const PLACE: &str = "^[0-9]{15}#[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

/// The document.
pub async fn document(State(web): State<Web>) -> Json<Value> {
    Json(describe(&web.0.address, &web.0.hosted_address))
}

fn describe(site: &str, hosted: &str) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut shapes = settings.into_generator();
    let paths = paths(&mut shapes);
    json!({
        "openapi": "3.1.0",
        "info": { "title": words::NAME, "version": "1", "description": words::API },
        "servers": [{ "url": format!("{site}/api/v1") }],
        "paths": paths,
        "components": {
            "schemas": shapes.take_definitions(true),
            "securitySchemes": { "account": sign_in(hosted) },
        },
    })
}

/// How a program gets its token: Cognito's hosted pages, by code and PKCE.
fn sign_in(hosted: &str) -> Value {
    let scopes = json!({
        (Read::NAME): words::SCOPE_READ,
        (Write::NAME): words::SCOPE_WRITE,
        (Delete::NAME): words::SCOPE_DELETE,
    });
    json!({
        "type": "oauth2",
        "flows": { "authorizationCode": {
            "authorizationUrl": format!("{hosted}/oauth2/authorize"),
            "tokenUrl": format!("{hosted}/oauth2/token"),
            "scopes": scopes,
        } },
    })
}

fn paths(shapes: &mut SchemaGenerator) -> Value {
    let page = answer::<PhotoPage>(shapes, words::API_PAGE);
    let photo = answer::<PhotoEntry>(shapes, words::API_PHOTO);
    let grant = answer::<UploadGrant>(shapes, words::API_GRANT);
    let nothing = json!({ "description": words::API_TRASHED });
    let elsewhere = json!({ "description": words::API_ORIGINAL });
    let problem = answer::<Problem>(shapes, words::API_PROBLEM);
    let wanted = shapes.subschema_for::<Wanted>();
    let id = json!([{ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } }]);
    let before = json!([{ "name": "before", "in": "query", "schema": { "type": "string", "pattern": PLACE } }]);
    let gate = json!({
        "description": words::API_GATE,
        "content": {
            "application/json": { "schema": { "type": "object", "properties": { "message": { "type": "string" } } } },
            "application/problem+json": problem_of(&problem)["content"]["application/problem+json"],
        },
    });
    let operation = |name: &str, scope: &str, parameters: &Value, status: &str, answer: &Value| {
        json!({
            "operationId": name,
            "security": [{ "account": [scope] }],
            "parameters": parameters,
            "responses": { (status): answer, "401": gate, "403": gate, "429": gate, "default": problem_of(&problem) },
        })
    };
    let mut granted = operation("grant", Write::NAME, &json!([]), "201", &grant);
    granted["responses"]["200"] = answer::<UploadGrant>(shapes, words::API_KNOWN);
    granted["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": wanted } } });
    granted["description"] = format!("{} {MAX_ORIGINAL_BYTES}", words::API_LIMIT).into();
    json!({
        "/photos": { "get": operation("list", Read::NAME, &before, "200", &page), "post": granted },
        "/photos/{id}": {
            "get": operation("read", Read::NAME, &id, "200", &photo),
            "delete": operation("trash", Delete::NAME, &id, "204", &nothing),
        },
        "/photos/{id}/arrival": { "post": operation("arrived", Write::NAME, &id, "200", &photo) },
        "/photos/{id}/original": { "get": operation("original", Read::NAME, &id, "307", &elsewhere) },
    })
}

fn answer<T: JsonSchema>(shapes: &mut SchemaGenerator, description: &str) -> Value {
    let schema = shapes.subschema_for::<T>();
    json!({ "description": description, "content": { "application/json": { "schema": schema } } })
}

/// The same under the media type that problems have.
fn problem_of(answer: &Value) -> Value {
    let schema = &answer["content"]["application/json"]["schema"];
    json!({ "description": answer["description"], "content": { "application/problem+json": { "schema": schema } } })
}

#[cfg(test)]
mod tests {
    use super::describe;
    use crate::web::api::routes;
    use std::collections::BTreeSet;

    #[test]
    fn every_route_is_described() {
        let document = describe("https://example.org", "https://sign-in.example.org");
        let described: BTreeSet<_> = document["paths"].as_object().expect("paths").keys().cloned().collect();
        // The document itself, and what answers that there is nothing.
        let others = ["/openapi.json", "/", "/{*elsewhere}"];
        let there: BTreeSet<_> = routes().into_iter().map(|(path, _)| path.to_owned()).collect();
        assert_eq!(there, described.into_iter().chain(others.map(str::to_owned)).collect());
    }

    #[test]
    fn every_shape_that_is_named_is_there() {
        let document = describe("https://example.org", "https://sign-in.example.org");
        let text = document.to_string();
        let shapes = document["components"]["schemas"].as_object().expect("shapes");
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap_or_default();
            assert!(shapes.contains_key(name), "{name}");
        }
        assert!(shapes.contains_key("PhotoEntry") && shapes.contains_key("Wanted"));
    }
}
