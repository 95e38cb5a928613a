#include "stores/dynamodb/attribute_sink.hpp"

#include "stores/document/document_names.hpp"
#include "stores/http/digest.hpp"

namespace troupe::internal {

void attribute_sink::begin_value() {
  if (!out_.empty() && out_.back() != '{' && out_.back() != '[' && out_.back() != ':') out_ += ',';
  if (depth_ > 1) ++bytes_;
}

void attribute_sink::begin_map() {
  begin_value();
  if (depth_ > 0) {
    out_.append(R"({"M":)");
    bytes_ += 3;
  }
  out_ += '{';
  ++depth_;
}

void attribute_sink::end_map() {
  --depth_;
  out_.append(depth_ > 0 ? "}}" : "}");
}

void attribute_sink::begin_list() {
  begin_value();
  out_.append(R"({"L":[)");
  bytes_ += 3;
  ++depth_;
}

void attribute_sink::end_list() {
  --depth_;
  out_.append("]}");
}

void attribute_sink::name(std::string_view name) {
  if (out_.back() != '{') out_ += ',';
  out_ += '"';
  out_.append(name).append("\":");
  bytes_ += name.size();
}

void attribute_sink::text(std::string_view bytes) {
  if (!is_utf8(bytes)) {
    binary(bytes);
    return;
  }
  begin_value();
  out_.append(R"({"S":)");
  append_json_string(bytes, out_);
  out_ += '}';
  bytes_ += bytes.size();
}

void attribute_sink::binary(std::string_view bytes) {
  begin_value();
  out_.append(R"({"B":")").append(to_base64(bytes)).append("\"}");
  bytes_ += bytes.size();
}

void attribute_sink::number(std::string_view digits) {
  begin_value();
  out_.append(R"({"N":")").append(digits).append("\"}");
  bytes_ += (digits.size() + 1) / 2 + 1;
}

void attribute_sink::flag() {
  begin_value();
  out_.append(R"({"BOOL":true})");
  ++bytes_;
}

}  // namespace troupe::internal
