#include "invoices/csv_reader.hpp"

#include <utility>

namespace marketplace {

csv_reader::csv_reader(std::istream& input) : input_(*input.rdbuf()) {
  constexpr int byte_order_mark[] = {0xEF, 0xBB, 0xBF};
  for (const int byte : byte_order_mark) {
    if (peek() != byte) break;
    take();
  }
}

std::optional<csv_record> csv_reader::next() {
  if (peek() == end_of_file) return std::nullopt;

  csv_record record;
  record.line = line_;
  record.fields.emplace_back();
  record_bytes_ = 0;
  bool field_begins = true;
  bool field_is_quoted = false;

  for (int byte = take(); !take_line_end(byte); byte = take()) {
    if (byte == ',') {
      if (has_room(record)) record.fields.emplace_back();
      field_begins = true;
      field_is_quoted = false;
      continue;
    }
    if (byte == '"' && field_begins) {
      read_quoted(record);
      field_is_quoted = true;
    } else if (field_is_quoted) {
      note(record, "text after the closing quote of field " + std::to_string(record.fields.size()));
    } else if (byte == '"') {
      note(record, "a quote inside field " + std::to_string(record.fields.size()) + ", which is not quoted");
    } else {
      keep(record, byte);
    }
    field_begins = false;
  }
  return record;
}

// Reads up to and including the closing quote; the opening one is already taken.
void csv_reader::read_quoted(csv_record& record) {
  const std::uint64_t opened_in = line_;
  while (true) {
    const int byte = take();
    if (byte == end_of_file) {
      record.problem =
          "the file ends inside a quoted field that begins in line " + std::to_string(opened_in) + "; is it truncated?";
      return;
    }
    if (byte == '"') {
      if (peek() != '"') return;
      take();
    }
    if (byte == '\n') ++line_;
    keep(record, byte);
  }
}

// Ends a record at LF, CRLF or the end of the file; a CR elsewhere is text.
bool csv_reader::take_line_end(int byte) {
  if (byte == '\r' && (peek() == '\n' || peek() == end_of_file)) byte = take();
  if (byte == '\n') ++line_;
  return byte == '\n' || byte == end_of_file;
}

void csv_reader::keep(csv_record& record, int byte) {
  if (!has_room(record)) return;
  if (byte == '\0') note(record, "a NUL byte in field " + std::to_string(record.fields.size()));
  record.fields.back().push_back(std::istream::traits_type::to_char_type(byte));
}

// Counts one more byte of the record; what is past the limit is read but not kept.
bool csv_reader::has_room(csv_record& record) {
  if (record_bytes_ < record_bytes_max) {
    ++record_bytes_;
    return true;
  }
  if (record.problem.empty()) note(record, "longer than " + std::to_string(record_bytes_max) + " bytes");
  return false;
}

// The first problem of a record is the one that is told.
void csv_reader::note(csv_record& record, std::string problem) {
  if (record.problem.empty()) record.problem = std::move(problem);
}

int csv_reader::take() {
  const int byte = input_.sbumpc();
  if (byte != end_of_file) ++bytes_read_;
  return byte;
}

int csv_reader::peek() { return input_.sgetc(); }

}  // namespace marketplace
