#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace bench {

/// One row to be written: the next version of a document whose version is checked in the same step.
struct raw_row {
  std::string key;
  std::uint64_t version = 0;  ///< that it has now; 0: it is not there
  std::string document;
};

/// A connection of a database's own C library.
class raw_connection {
 public:
  raw_connection() = default;
  raw_connection(const raw_connection&) = delete;
  raw_connection& operator=(const raw_connection&) = delete;
  virtual ~raw_connection() = default;

  /// Writes all rows, which are sorted by key, in one atomic step. Throws `std::runtime_error` when one is not written.
  virtual void write(std::span<const raw_row> rows) = 0;
};

/// Writes versioned documents with a database's own library, in the fastest way it has for batches, without troupe:
/// what a program made for just this could reach.
class raw_library {
 public:
  using connection_list = std::vector<std::unique_ptr<raw_connection>>;

  /// Writes each of `rows` documents once.
  raw_library(connection_list connections, std::size_t rows, std::size_t document_bytes);

  /// Writes batches of rows drawn at random for `span`, on all connections; on the first alone where a batch is one
  /// row. Returns rows per second.
  double run(std::size_t batch, std::chrono::milliseconds span);

 private:
  struct share {
    std::vector<std::uint64_t> versions;  ///< of every connections-th row
    std::mt19937_64 random;
  };

  /// Writes to the rows of one connection until then, or each once where `until` is nullptr. Returns how many.
  std::size_t write(std::size_t connection, std::size_t batch, const std::chrono::steady_clock::time_point* until);
  [[nodiscard]] raw_row row(std::size_t connection, std::size_t at) const;

  connection_list connections_;
  std::vector<share> shares_;
  const std::string filler_;
};

/// Opens the library beneath the store that a URI names, on rows of its own beside the store's, made anew: as many
/// connections as the store writes on. None where there is no such library here.
/// Throws `std::runtime_error` when it cannot be opened.
raw_library::connection_list open_raw_connections(const std::string& store_uri);

// One for each library; those that this build leaves out are not defined.
std::unique_ptr<raw_connection> open_raw_sqlite(const std::string& path, bool full_sync);
std::unique_ptr<raw_connection> open_raw_redis(const std::string& uri);
raw_library::connection_list open_raw_postgres(const std::string& uri);

}  // namespace bench
