#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace marketplace {

/// One record of a CSV file.
struct csv_record {
  std::uint64_t line = 0;           ///< line of the file in which the record begins, from 1
  std::vector<std::string> fields;  ///< unquoted; meaningless when there is a problem
  std::string problem;              ///< why the record cannot be read; empty: it can
};

/// Reads CSV records one by one, as RFC 4180 has them: quoted fields may hold commas, line breaks and doubled quotes.
///
/// Lines end in CRLF or LF, and a byte-order mark at the beginning is skipped. A record that breaks the rules is
/// returned with its problem, and reading goes on behind it. Memory: one record, at most `record_bytes_max` bytes of
/// it. Source: RFC 4180, section 2.
class csv_reader {
 public:
  static constexpr std::size_t record_bytes_max = 64U * 1024U;

  /// Lifetime: `input` outlives the reader. It must be open in binary mode.
  explicit csv_reader(std::istream& input);

  /// Returns the next record; nullopt at the end of the file.
  std::optional<csv_record> next();

  /// Bytes consumed so far: how far a progress bar is.
  [[nodiscard]] std::uint64_t bytes_read() const noexcept { return bytes_read_; }

 private:
  static constexpr int end_of_file = std::istream::traits_type::eof();

  int take();
  int peek();
  bool take_line_end(int byte);
  void read_quoted(csv_record& record);
  void keep(csv_record& record, int byte);
  bool has_room(csv_record& record);
  void note(csv_record& record, std::string problem);

  std::streambuf& input_;
  std::uint64_t line_ = 1;
  std::uint64_t bytes_read_ = 0;
  std::size_t record_bytes_ = 0;
};

}  // namespace marketplace
