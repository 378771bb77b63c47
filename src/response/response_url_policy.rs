//! Which ResponseURLs the function accepts.

use crate::request::response_url::ResponseUrl;
use crate::request::stack_id::StackId;
use crate::response::delivery::DeliveryError;
use reqwest::Url;
use std::net::IpAddr;

/// Checks where the response to a request of `stack` would go. It accepts https URLs of CloudFormation's response
/// bucket for the stack's region, and https URLs of `hosts`. It accepts plain http only for those of `hosts` that are on
/// this machine or its network.
///
/// The host must match exactly. A prefix match is not enough, because anybody can own a bucket whose name begins the
/// same way.
///
/// # Errors
/// The URL leads elsewhere.
pub fn check_response_url(url: &ResponseUrl, stack: &StackId, hosts: &[String]) -> Result<Url, DeliveryError> {
    let reject = |why: String| Err(DeliveryError::Rejected(why));
    if !has_plain_host(url.expose()) {
        return reject("its host contains a character that bucket hosts never contain".to_owned());
    }
    let Ok(url) = Url::parse(url.expose()) else {
        return reject("it is not a URL".to_owned());
    };
    let host = url.host_str().unwrap_or_default();
    let host_and_port = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let has_user = !url.username().is_empty() || url.password().is_some();
    if ["http", "https"].contains(&url.scheme()) && !has_user {
        let is_listed = hosts.iter().any(|allowed| *allowed == host || *allowed == host_and_port);
        if is_listed && url.scheme() == "http" && is_public(host) {
            return reject(format!("{host} must be reached by https"));
        }
        if is_listed {
            return Ok(url);
        }
        if url.scheme() == "https" && url.port().is_none() && bucket_hosts(stack).iter().any(|bucket| bucket == host) {
            return Ok(url);
        }
    }
    reject(format!(
        "{}://{host_and_port} is not a CloudFormation response bucket{} (for another engine than CloudFormation, add the \
         host to the parameter ResponseBuckets of the function's stack; for local use, to RESPONSE_URL_HOSTS)",
        url.scheme(),
        match stack.region() {
            "" => String::new(),
            region => format!(" for region {region}"),
        }
    ))
}

/// Whether the host is on the public network, where others could read a response on its way. IP addresses, and names
/// without a public top-level domain, count as this machine or its network.
fn is_public(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    host.contains('.') && host.parse::<IpAddr>().is_err() && !["localhost", "local", "internal", "test"].contains(&last)
}

/// Whether the host consists of plain characters. Bucket hosts contain only letters, digits, hyphens and dots. URL
/// parsers decode other characters in different ways, so such hosts are rejected before parsing.
fn has_plain_host(url: &str) -> bool {
    let rest = url.split_once(':').map_or("", |(_, rest)| rest);
    let rest = rest.trim_start_matches(['/', '\\', '\t', '\n', '\r']);
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    authority.is_ascii() && !authority.contains('%') && !authority.to_ascii_lowercase().contains("xn--")
}

/// The hosts of CloudFormation's response bucket for the stack's region. Each form has been seen in real events.
fn bucket_hosts(stack: &StackId) -> Vec<String> {
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

/// Whether `region` looks like a region, such as `us-gov-west-1`. S3 also has hosts of this form that belong to no
/// region, such as `s3-accelerate`, `s3-external-1` and `s3-fips-…`. They can serve any bucket, and the event itself
/// supplies the region.
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
        check_response_url(&ResponseUrl::new(url), &stack, &["127.0.0.1:8080".to_owned(), "localhost".to_owned()])
            .is_ok()
    }

    #[test]
    fn the_bucket_of_the_stacks_region_is_allowed_in_each_known_form() {
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
    fn other_hosts_are_rejected() {
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
    fn a_listed_public_host_requires_https() {
        let hosts = ["answers.s3.us-east-1.amazonaws.com", "host.docker.internal:4566", "10.0.0.1"].map(str::to_owned);
        let check = |url: &str| check_response_url(&ResponseUrl::new(url), &StackId::new("dev"), &hosts);
        for url in [
            "https://answers.s3.us-east-1.amazonaws.com/x",
            "http://host.docker.internal:4566/x",
            "http://10.0.0.1:4566/x",
        ] {
            assert!(check(url).is_ok(), "{url}");
        }
        let rejected = check("http://answers.s3.us-east-1.amazonaws.com/x").expect_err("plain http").to_string();
        assert!(rejected.ends_with("must be reached by https"), "{rejected}");
    }

    #[test]
    fn odd_urls_are_rejected_or_lead_to_the_bucket() {
        let stack = StackId::new("arn:aws:cloudformation:us-east-1:123456789012:stack/chat/uuid");
        let (host, bucket_hosts) = (format!("{BUCKET}useast1.s3.us-east-1.amazonaws.com"), bucket_hosts(&stack));
        let mut accepted = 0;
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
                let Ok(url) = check_response_url(&ResponseUrl::new(format!("{before}{host}{after}")), &stack, &[])
                else {
                    continue;
                };
                accepted += 1;
                assert!(url.host_str().is_some_and(|host| bucket_hosts.iter().any(|bucket| bucket == host)), "{url}");
                let rest = (url.scheme(), url.port(), url.username(), url.password());
                assert_eq!(rest, ("https", None, "", None), "{url}");
            }
        }
        assert!(accepted > 0);
    }

    #[test]
    fn an_invalid_stack_id_allows_no_host() {
        for (region, partition) in [
            ("us-east-1", "aws-iso"),
            ("us-east-1", ""),
            ("", "aws"),
            ("us-east-1.evil.example/", "aws"),
            ("US-EAST-1", "aws"),
            ("us-east-1@evil.example", "aws"),
            // S3 hosts that serve buckets of any region and owner.
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
    fn configured_hosts_are_allowed_over_plain_http() {
        assert!(is_allowed("http://127.0.0.1:8080/x", "eu-central-1", "aws"));
        assert!(is_allowed("http://localhost:1234/x", "eu-central-1", "aws"));
    }

    #[test]
    fn a_rejection_names_the_host_and_not_the_query() {
        let stack = StackId::new("arn:aws:cloudformation:eu-west-1:1:stack/a/b");
        let url = ResponseUrl::new("https://evil.example/x?X-Amz-Signature=secret");
        let rejection = check_response_url(&url, &stack, &[]).expect_err("rejected").to_string();
        assert!(rejection.contains("https://evil.example") && rejection.contains("eu-west-1"), "{rejection}");
        assert!(!rejection.contains("secret"), "{rejection}");
    }
}
