//! To whom an answer may go.

use crate::request::response_url::ResponseUrl;
use crate::request::stack_id::StackId;
use crate::response::delivery::DeliveryError;
use reqwest::Url;

/// The URL that the answer to a request of `stack` goes to, if it leads to CloudFormation's response bucket for the stack's
/// region, over https; or to one of `hosts`, over http as well.
///
/// The host must be the bucket's to the letter. A prefix would not do, for anybody can own a bucket whose name only begins so.
///
/// # Errors
/// It leads elsewhere.
pub fn destination(url: &ResponseUrl, stack: &StackId, hosts: &[String]) -> Result<Url, DeliveryError> {
    let refused = |why: String| Err(DeliveryError::Refused(why));
    if !has_plain_host(url.expose()) {
        return refused("its host holds a character that no bucket's host has".to_owned());
    }
    let Ok(url) = Url::parse(url.expose()) else {
        return refused("it is not a URL".to_owned());
    };
    let host = url.host_str().unwrap_or_default();
    let host_and_port = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let has_user = !url.username().is_empty() || url.password().is_some();
    if ["http", "https"].contains(&url.scheme()) && !has_user {
        if hosts.iter().any(|allowed| *allowed == host || *allowed == host_and_port) {
            return Ok(url);
        }
        if url.scheme() == "https" && url.port().is_none() && buckets(stack).iter().any(|bucket| bucket == host) {
            return Ok(url);
        }
    }
    refused(format!(
        "{}://{host_and_port} is not a response bucket of CloudFormation for region {} (for local use, name the host in \
         RESPONSE_URL_HOSTS)",
        url.scheme(),
        stack.region()
    ))
}

/// Whether the host needs no decoding: those of buckets have letters, digits, hyphens and dots. What a URL's parser makes of all others
/// is not even asked.
fn has_plain_host(url: &str) -> bool {
    let rest = url.split_once(':').map_or("", |(_, rest)| rest);
    let rest = rest.trim_start_matches(['/', '\\', '\t', '\n', '\r']);
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    authority.is_ascii() && !authority.contains('%') && !authority.to_ascii_lowercase().contains("xn--")
}

/// The hosts of CloudFormation's response bucket for a stack's region. Each form has been seen in real events.
fn buckets(stack: &StackId) -> Vec<String> {
    let region = stack.region();
    let suffix = match stack.partition() {
        "aws-cn" => "amazonaws.com.cn",
        "aws" | "aws-us-gov" => "amazonaws.com",
        _ => return Vec::new(),
    };
    if !is_region(region) {
        return Vec::new();
    }
    let bucket = format!("cloudformation-custom-resource-response-{}", region.replace('-', ""));
    let mut hosts = vec![format!("{bucket}.s3.{region}.{suffix}"), format!("{bucket}.s3-{region}.{suffix}")];
    if region == "us-east-1" {
        hosts.push(format!("{bucket}.s3.{suffix}"));
    }
    hosts
}

/// Whether it has the form of all regions: `us-gov-west-1`. S3 has hosts of the buckets' form that are for no region, and a bucket of
/// any name may be behind them: `s3-accelerate`, `s3-external-1`, `s3-fips-…`. The event itself says which region its stack is in.
fn is_region(region: &str) -> bool {
    let parts: Vec<&[u8]> = region.split('-').map(str::as_bytes).collect();
    let [area, words @ .., number] = parts.as_slice() else { return false };
    let is_word = |word: &&[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_lowercase);
    area.len() == 2
        && is_word(area)
        && !words.is_empty()
        && words.iter().all(is_word)
        && !number.is_empty()
        && number.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: &str = "cloudformation-custom-resource-response-";

    fn is_allowed(url: &str, region: &str, partition: &str) -> bool {
        let stack = StackId::new(format!("arn:{partition}:cloudformation:{region}:123456789012:stack/chat/uuid"));
        destination(&ResponseUrl::new(url), &stack, &["127.0.0.1:8080".to_owned(), "localhost".to_owned()]).is_ok()
    }

    #[test]
    fn the_buckets_of_the_stacks_own_region_are_allowed_in_each_form_that_was_seen() {
        for (host, region, partition) in [
            ("useast1.s3.us-east-1.amazonaws.com", "us-east-1", "aws"),
            ("useast1.s3-us-east-1.amazonaws.com", "us-east-1", "aws"),
            ("useast1.s3.amazonaws.com", "us-east-1", "aws"),
            ("eucentral1.s3.eu-central-1.amazonaws.com", "eu-central-1", "aws"),
            ("usgovwest1.s3-us-gov-west-1.amazonaws.com", "us-gov-west-1", "aws-us-gov"),
            ("cnnorth1.s3.cn-north-1.amazonaws.com.cn", "cn-north-1", "aws-cn"),
        ] {
            assert!(is_allowed(&format!("https://{BUCKET}{host}/x?X-Amz-Signature=s"), region, partition), "{host}");
        }
    }

    #[test]
    fn nobody_else_is_allowed() {
        for url in [
            "https://cloudformation-custom-resource-response-eucentral1.s3.us-east-1.amazonaws.com/",
            "https://cloudformation-custom-resource-response-eucentral1.s3.amazonaws.com/",
            "https://cloudformation-custom-resource-response-eucentral1x.s3.eu-central-1.amazonaws.com/",
            "https://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com.evil.example/",
            "https://evil.example/cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com",
            "https://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com:8443/",
            "https://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com@evil.example/",
            "https://user@cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com/",
            "http://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com/",
            "https://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com.cn/",
            "http://127.0.0.1:8081/",
            "ftp://localhost/",
            "nonsense",
        ] {
            assert!(!is_allowed(url, "eu-central-1", "aws"), "{url}");
        }
    }

    #[test]
    fn odd_spellings_are_refused_or_lead_to_the_bucket_itself() {
        let stack = StackId::new("arn:aws:cloudformation:us-east-1:123456789012:stack/chat/uuid");
        let (host, buckets) = (format!("{BUCKET}useast1.s3.us-east-1.amazonaws.com"), buckets(&stack));
        let mut taken = 0;
        for (before, after) in [
            ("https://169.254.169.254/latest/meta-data/#", ""),
            ("https://169.254.170.2/?", ""),
            ("https://[fe80::1]/", ""),
            ("https://[::1]/", ""),
            ("https://[::ffff:127.0.0.1]/", ""),
            ("https://127.0.0.1/", ""),
            ("https://0x7f.1/", ""),
            ("https://2130706433/", ""),
            ("https://localhost/", ""),
            ("https://user:password@", "/"),
            ("https://@", "/"),
            ("https://evil.example#@", "/"),
            ("https://evil.example\\@", "/"),
            ("https://evil.example%2f@", "/"),
            ("https://evil.example/@", "/"),
            ("https:evil.example/", "/"),
            ("https://", ":443/"),
            ("https://", ":8443/"),
            ("https://", ":80/"),
            ("https://", "./"),
            ("https://", "../"),
            ("https://.", "/"),
            ("https://", "%2eevil.example/"),
            ("https://", "%00.evil.example/"),
            ("https://", "\t.evil.example/"),
            ("https://", "\u{ff0e}evil.example/"),
            ("https://", "\u{3002}evil.example/"),
            ("https://x", "/"),
            ("https://\u{430}", "/"),
            ("https://", "\\evil.example/"),
            ("  https://", "/ "),
            ("HTTPS://", "/"),
            ("https:/", "/"),
            ("http://", "/"),
            ("file://", "/"),
            ("blob:https://", "/"),
            ("//", "/"),
        ] {
            for host in
                [host.clone(), host.to_uppercase(), host.replace(".s3.", "%2Es3%2e"), host.replace('a', "\u{ff41}")]
            {
                let Ok(url) = destination(&ResponseUrl::new(format!("{before}{host}{after}")), &stack, &[]) else {
                    continue;
                };
                taken += 1;
                assert!(url.host_str().is_some_and(|host| buckets.iter().any(|bucket| bucket == host)), "{url}");
                let rest = (url.scheme(), url.port(), url.username(), url.password());
                assert_eq!(rest, ("https", None, "", None), "{url}");
            }
        }
        assert!(taken > 0);
    }

    #[test]
    fn a_stack_id_that_is_none_leads_nowhere() {
        for (region, partition) in [
            ("us-east-1", "aws-iso"),
            ("us-east-1", ""),
            ("", "aws"),
            ("us-east-1.evil.example/", "aws"),
            ("US-EAST-1", "aws"),
            ("us-east-1@evil.example", "aws"),
            // Hosts of S3's that serve a bucket of any region and owner.
            ("accelerate", "aws"),
            ("external-1", "aws"),
            ("website-us-east-1", "aws"),
            ("fips-us-gov-west-1", "aws-us-gov"),
        ] {
            let squeezed = region.replace('-', "");
            for suffix in ["amazonaws.com", "amazonaws.com.cn", "c2s.ic.gov"] {
                for at in [".", "-"] {
                    let url = format!("https://{BUCKET}{squeezed}.s3{at}{region}.{suffix}/");
                    assert!(!is_allowed(&url, region, partition), "{url}");
                }
            }
        }
        let elsewhere = format!("https://{BUCKET}useast1.s3.us-east-1.amazonaws.com/");
        for (region, partition) in [("us-east-1", "aws-cn"), ("us-west-1", "aws"), ("us-gov-west-1", "aws-us-gov")] {
            assert!(!is_allowed(&elsewhere, region, partition), "{region} {partition}");
        }
    }

    #[test]
    fn hosts_of_the_settings_are_allowed_over_plain_http() {
        assert!(is_allowed("http://127.0.0.1:8080/x", "eu-central-1", "aws"));
        assert!(is_allowed("http://localhost:1234/x", "eu-central-1", "aws"));
    }

    #[test]
    fn a_refusal_names_the_host_and_not_the_query() {
        let stack = StackId::new("arn:aws:cloudformation:eu-west-1:1:stack/a/b");
        let url = ResponseUrl::new("https://evil.example/x?X-Amz-Signature=secret");
        let refusal = destination(&url, &stack, &[]).expect_err("refused").to_string();
        assert!(refusal.contains("https://evil.example") && refusal.contains("eu-west-1"), "{refusal}");
        assert!(!refusal.contains("secret"), "{refusal}");
    }
}
