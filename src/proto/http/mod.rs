//! http/1 as pure functions and state machines: what a head says, how a body is framed, what a request looks like.
//!
//! | question | file |
//! |---|---|
//! | numbers and names of known headers, methods | [`token`], [`method`] |
//! | where headers are kept and how they are read | [`headers`] |
//! | has the head arrived, and what does it say | [`head_buffer`], [`h1`], [`target`] |
//! | where does the body end | [`body`], [`chunked`] |
//! | what does a client send | [`request`], [`form_part`] |
//! | what is in a form; what stands for names in a served page | [`form`], [`substitute`] |
//! | where does an answer end that a program writes | [`answer_end`] |
//! | what does a reverse proxy pass on; which target does it ask for | [`forward`], [`onward_target`] |
//! | where does a redirect lead | [`url`] |
//! | which cookies does a client keep and send | [`cookie_jar`] |
//! | single headers | [`auth`], [`cookie`], [`date`], [`host`], [`range`] |
//! | the type of a file | [`mime`] |
//! | what of a head is shown to people | [`secrets`] |
//! | all of http/2 | [`h2`] |
pub mod answer_end;
pub mod auth;
pub mod body;
pub mod chunked;
pub mod cookie;
pub mod cookie_jar;
pub mod date;
pub mod form;
pub mod form_part;
pub mod forward;
pub mod h1;
pub mod h2;
pub mod head_buffer;
pub mod headers;
pub mod host;
pub mod method;
pub mod mime;
pub mod onward_target;
pub mod range;
pub mod request;
pub mod secrets;
pub mod substitute;
pub mod target;
pub mod token;
pub mod url;
