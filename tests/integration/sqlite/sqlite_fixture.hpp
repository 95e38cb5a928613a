#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "contract/clause_support.hpp"
#include "contract/store_client.hpp"
#include "raw_database.hpp"
#include "support/temporary_folder.hpp"
#include "troupe/base/error.hpp"
#include "troupe/stores/sqlite.hpp"

namespace troupe::sqlite_test {

/// A folder for one file, and stores on it that are closed at the end.
class sqlite_fixture : public testing::Test {
 protected:
  void TearDown() override {
    if (store_) store_->close();
  }

  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "store.db"; }

  [[nodiscard]] stores::sqlite_options options() const {
    stores::sqlite_options options;
    options.path = path().string();
    return options;
  }

  /// Opens the store, closing the one before.
  contract::store_client open(const stores::sqlite_options& options) {
    if (store_) store_->close();
    store_ = stores::sqlite_store(options);
    return contract::store_client(store_);
  }
  contract::store_client open() { return open(options()); }

  void close() {
    store_->close();
    store_.reset();
  }

  testing_support::temporary_folder folder_;

 private:
  std::shared_ptr<spi::state_store> store_;
};

/// Returns the error with which opening fails; a success is a test failure.
inline error refusal_of(const stores::sqlite_options& options) {
  try {
    stores::sqlite_store(options)->close();
  } catch (const error& refusal) {
    return refusal;
  }
  ADD_FAILURE() << options.path << " was opened";
  return {errc::unavailable, ""};
}

}  // namespace troupe::sqlite_test
