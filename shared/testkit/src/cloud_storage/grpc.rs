//! `google.storage.v2.Storage/ListObjects`. The messages have the fields that are served, with the
//! numbers of the public description; what a client sends beside them is passed over, as protobuf has
//! it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use tonic::{Code, Status};
use tonic_prost::ProstCodec;

use super::{Listing, Refusal, Store};

#[derive(Clone, PartialEq, prost::Message)]
struct ListObjectsRequest {
    #[prost(string, tag = "1")]
    parent: String,
    #[prost(int32, tag = "2")]
    page_size: i32,
    #[prost(string, tag = "3")]
    page_token: String,
    #[prost(string, tag = "6")]
    prefix: String,
    #[prost(string, tag = "10")]
    lexicographic_start: String,
    #[prost(string, tag = "11")]
    lexicographic_end: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ListObjectsResponse {
    #[prost(message, repeated, tag = "1")]
    objects: Vec<Object>,
    #[prost(string, tag = "3")]
    next_page_token: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Object {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    bucket: String,
    #[prost(int64, tag = "3")]
    generation: i64,
    #[prost(int64, tag = "6")]
    size: i64,
    #[prost(string, tag = "13")]
    content_type: String,
    #[prost(message, optional, tag = "17")]
    update_time: Option<Timestamp>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Timestamp {
    #[prost(int64, tag = "1")]
    seconds: i64,
}

pub(super) async fn list(State(store): State<Arc<Store>>, request: Request) -> Response {
    let serve = tower::service_fn(move |request: tonic::Request<ListObjectsRequest>| {
        let answer = page(&store, request.into_inner());
        async move { answer.map(tonic::Response::new) }
    });
    let codec = ProstCodec::<ListObjectsResponse, ListObjectsRequest>::default();
    let response = tonic::server::Grpc::new(codec).unary(serve, request).await;
    response.into_response()
}

fn page(store: &Store, asked: ListObjectsRequest) -> Result<ListObjectsResponse, Status> {
    let Some(bucket) = asked.parent.strip_prefix("projects/_/buckets/") else {
        return Err(Status::invalid_argument("the parent is no bucket"));
    };
    let page = usize::try_from(asked.page_size)
        .map_err(|_| Status::invalid_argument("the page size is negative"))?;
    let listing = Listing {
        prefix: asked.prefix,
        start: asked.lexicographic_start,
        end: asked.lexicographic_end,
        page,
        token: asked.page_token,
    };
    let (objects, token) = store
        .lock()
        .list(bucket, &listing)
        .map_err(|refusal| refused(&refusal))?;
    let objects = objects.into_iter().map(|(name, object)| Object {
        name,
        bucket: asked.parent.clone(),
        generation: object.generation,
        size: i64::try_from(object.content.len()).unwrap_or(i64::MAX),
        content_type: "application/json".to_owned(),
        update_time: Some(Timestamp {
            seconds: object.generation / 1_000_000,
        }),
    });
    Ok(ListObjectsResponse {
        objects: objects.collect(),
        next_page_token: token.unwrap_or_default(),
    })
}

fn refused(refusal: &Refusal) -> Status {
    match refusal {
        Refusal::NoBucket => Status::not_found("The specified bucket does not exist."),
        Refusal::NoObject => Status::not_found("No such object"),
        Refusal::Denied => Status::permission_denied(
            "caller does not have storage.objects.list access to the Google Cloud Storage bucket.",
        ),
        Refusal::Throttled => Status::resource_exhausted("rate limit exceeded"),
        Refusal::Status(status) => Status::new(Code::Internal, status.to_string()),
    }
}
