//! The OpenAPI 3.1 document of the API; its schemas are generated from the types.

use super::bearer::{Delete, Read, Scope, Write};
use crate::web::Web;
use axum::Json;
use axum::extract::State;
use model::photos::{MAX_ORIGINAL_BYTES, Wanted};
use model::programs::{PhotoEntry, PhotoPage, Problem, UploadGrant};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

/// Pattern of a page cursor, as [`crate::photos::records::PhotoRecord::is_cursor`] parses it.
const CURSOR: &str = "^[0-9]{15}#[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

/// The document.
pub async fn document(State(web): State<Web>) -> Json<Value> {
    Json(describe(&web.0.address, &web.0.hosted_address))
}

fn describe(site: &str, hosted: &str) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut schemas = settings.into_generator();
    let paths = paths(&mut schemas);
    json!({
        "openapi": "3.1.0",
        "info": { "title": messages::NAME, "version": "1", "description": messages::API },
        "servers": [{ "url": format!("{site}/api/v1") }],
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "securitySchemes": { "account": sign_in(hosted) },
        },
    })
}

/// OAuth 2 on Cognito's hosted pages: authorization code flow with PKCE.
fn sign_in(hosted: &str) -> Value {
    let scopes = json!({
        (Read::NAME): messages::SCOPE_READ,
        (Write::NAME): messages::SCOPE_WRITE,
        (Delete::NAME): messages::SCOPE_DELETE,
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

fn paths(schemas: &mut SchemaGenerator) -> Value {
    let page = response::<PhotoPage>(schemas, messages::API_PAGE);
    let photo = response::<PhotoEntry>(schemas, messages::API_PHOTO);
    let grant = response::<UploadGrant>(schemas, messages::API_GRANT);
    let trashed = json!({ "description": messages::API_TRASHED });
    let redirect = json!({ "description": messages::API_ORIGINAL });
    let problem = response::<Problem>(schemas, messages::API_PROBLEM);
    let wanted = schemas.subschema_for::<Wanted>();
    let id = json!([{ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } }]);
    let before = json!([{ "name": "before", "in": "query", "schema": { "type": "string", "pattern": CURSOR } }]);
    let gateway = json!({
        "description": messages::API_GATE,
        "content": {
            "application/json": { "schema": { "type": "object", "properties": { "message": { "type": "string" } } } },
            "application/problem+json": problem_of(&problem)["content"]["application/problem+json"],
        },
    });
    let operation = |name: &str, scope: &str, parameters: &Value, status: &str, response: &Value| {
        json!({
            "operationId": name,
            "security": [{ "account": [scope] }],
            "parameters": parameters,
            "responses": { (status): response, "401": gateway, "403": gateway, "429": gateway, "default": problem_of(&problem) },
        })
    };
    let mut create = operation("grant", Write::NAME, &json!([]), "201", &grant);
    create["responses"]["200"] = response::<UploadGrant>(schemas, messages::API_KNOWN);
    create["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": wanted } } });
    create["description"] = format!("{} {MAX_ORIGINAL_BYTES}", messages::API_LIMIT).into();
    json!({
        "/photos": { "get": operation("list", Read::NAME, &before, "200", &page), "post": create },
        "/photos/{id}": {
            "get": operation("read", Read::NAME, &id, "200", &photo),
            "delete": operation("trash", Delete::NAME, &id, "204", &trashed),
        },
        "/photos/{id}/arrival": { "post": operation("arrived", Write::NAME, &id, "200", &photo) },
        "/photos/{id}/original": { "get": operation("original", Read::NAME, &id, "307", &redirect) },
    })
}

fn response<T: JsonSchema>(schemas: &mut SchemaGenerator, description: &str) -> Value {
    let schema = schemas.subschema_for::<T>();
    json!({ "description": description, "content": { "application/json": { "schema": schema } } })
}

/// A response with the media type of problems.
fn problem_of(response: &Value) -> Value {
    let schema = &response["content"]["application/json"]["schema"];
    json!({ "description": response["description"], "content": { "application/problem+json": { "schema": schema } } })
}

#[cfg(test)]
mod tests {
    use super::describe;
    use crate::web::api::routes;
    use std::collections::BTreeSet;

    #[test]
    fn every_route_is_documented() {
        let document = describe("https://example.org", "https://sign-in.example.org");
        let described: BTreeSet<_> = document["paths"].as_object().expect("paths").keys().cloned().collect();
        // The document itself, and the routes for unknown paths.
        let others = ["/openapi.json", "/", "/{*elsewhere}"];
        let paths: BTreeSet<_> = routes().into_iter().map(|(path, _)| path.to_owned()).collect();
        assert_eq!(paths, described.into_iter().chain(others.map(str::to_owned)).collect());
    }

    #[test]
    fn every_referenced_schema_exists() {
        let document = describe("https://example.org", "https://sign-in.example.org");
        let text = document.to_string();
        let schemas = document["components"]["schemas"].as_object().expect("schemas");
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap_or_default();
            assert!(schemas.contains_key(name), "{name}");
        }
        assert!(schemas.contains_key("PhotoEntry") && schemas.contains_key("Wanted"));
    }
}
