#include "stores/dynamodb/request_signature.hpp"

#include <gtest/gtest.h>

#include "stores/http/digest.hpp"

namespace troupe::internal {
namespace {

// Keys, time and signatures of AWS's published test suite for Signature Version 4.
const signing_key suite_key{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", "us-east-1", "service"};
const wall_time suite_time(std::chrono::milliseconds(1440938160000));

http_request suite_request(std::string method) {
  return {std::move(method), "/", {{"Host", "example.amazonaws.com"}}, {}};
}

std::string signature_of(http_request request, const signing_key& key = suite_key) {
  sign(request, key, suite_time);
  return request.headers.back().value;
}

TEST(RequestSignature, IsThatOfTheSuiteForAGet) {
  EXPECT_EQ(signature_of(suite_request("GET")),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(RequestSignature, IsThatOfTheSuiteForAPost) {
  EXPECT_EQ(signature_of(suite_request("POST")),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

TEST(RequestSignature, IsThatOfTheSuiteForABody) {
  http_request request = suite_request("POST");
  request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  request.body = "Param1=value1";
  EXPECT_EQ(signature_of(request),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

TEST(RequestSignature, SignsTheRequestInCanonicalForm) {
  http_request request = suite_request("GET");
  request.headers.push_back({"X-Amz-Date", "20150830T123600Z"});
  EXPECT_EQ(canonical_request(request),
            "GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(string_to_sign(request, suite_key, suite_time),
            "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n"
            "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63");
}

TEST(RequestSignature, CoversTheTokenOfTemporaryCredentials) {
  signing_key key = suite_key;
  key.session_token = "token";
  http_request request = suite_request("POST");
  sign(request, key, suite_time);
  EXPECT_EQ(request.headers[2], (http_header{"X-Amz-Security-Token", "token"}));
  EXPECT_NE(request.headers[3].value.find("SignedHeaders=host;x-amz-date;x-amz-security-token"), std::string::npos);
}

TEST(RequestSignature, TrimsHeadersAsTheSuiteDoes) {
  http_request request = suite_request("GET");
  request.headers.push_back({"My-Header1", " value1"});
  request.headers.push_back({"My-Header2", " \"a   b   c\""});
  EXPECT_NE(signature_of(request).find("Signature=acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
            std::string::npos);
}

TEST(RequestSignature, TimesAreBasic) {
  EXPECT_EQ(basic_time(wall_time(std::chrono::milliseconds(951782399999))), "20000228T235959Z");
  EXPECT_EQ(basic_time(wall_time(std::chrono::milliseconds(951782400000))), "20000229T000000Z");
}

}  // namespace
}  // namespace troupe::internal
