#![no_main]
//! Forms, multipart and urlencoded: any cutting gives the same fields and files.
use libfuzzer_sys::fuzz_target;
use oxlws_fuzz::cut;
use websockets::proto::http::form::{FormError, FormParser, FormSink};

#[derive(Default, Debug, PartialEq)]
struct Fields(Vec<(Vec<u8>, Option<Vec<u8>>, Vec<u8>, bool)>);

impl FormSink for Fields {
    fn begin(&mut self, name: &[u8], file: Option<&[u8]>) -> Result<(), FormError> {
        self.0.push((name.to_vec(), file.map(<[u8]>::to_vec), Vec::new(), false));
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), FormError> {
        self.0.last_mut().expect("data follows a beginning").2.extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self) -> Result<(), FormError> {
        self.0.last_mut().expect("an end follows a beginning").3 = true;
        Ok(())
    }
}

fn parse(content_type: &[u8], pieces: &[&[u8]]) -> Option<(Fields, bool)> {
    let mut parser = FormParser::for_content_type(content_type)?;
    let mut fields = Fields::default();
    let outcome = pieces.iter().try_for_each(|piece| parser.push(piece, &mut fields));
    let outcome = outcome.and_then(|()| parser.finish(&mut fields));
    Some((fields, outcome.is_ok()))
}

fuzz_target!(|data: &[u8]| {
    let Some((&seed, data)) = data.split_first() else { return };
    let Some(at) = data.iter().position(|&byte| byte == b'\n') else { return };
    let (content_type, body) = (&data[..at], &data[at + 1..]);
    let one = parse(content_type, &[body]);
    let pieces = parse(content_type, &cut(body, seed));
    match (one, pieces) {
        // Where it is broken the two may have got differently far.
        (Some((_, false)), Some((_, false))) => {}
        (one, pieces) => assert_eq!(one, pieces),
    }
});
