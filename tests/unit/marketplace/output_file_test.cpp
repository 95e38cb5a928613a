#include "console/output_file.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace marketplace {
namespace {

class OutputFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "marketplace-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }

  [[nodiscard]] std::string text_of(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path(name)).rdbuf();
    return text.str();
  }

  std::filesystem::path folder_;
};

TEST_F(OutputFile, AppearsAtCommit) {
  output_file file(path("a.json"));
  file.write("one ");
  file.write("two");
  EXPECT_FALSE(std::filesystem::exists(path("a.json")));
  file.commit();
  EXPECT_EQ(text_of("a.json"), "one two");
  EXPECT_FALSE(std::filesystem::exists(path("a.json.partial")));
}

TEST_F(OutputFile, LeavesTheFormerTextWithoutCommit) {
  std::ofstream(path("a.json")) << "former";
  {
    output_file file(path("a.json"));
    file.write("new");
  }
  EXPECT_EQ(text_of("a.json"), "former");
  EXPECT_FALSE(std::filesystem::exists(path("a.json.partial")));
}

TEST_F(OutputFile, OfAnEmptyPathWritesNothing) {
  output_file file("");
  file.write("x");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(OutputFile, WritesToADeviceDirectly) {
  output_file file("/dev/null");
  file.write("x");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(OutputFile, NamesThePathThatCannotBeWritten) {
  try {
    output_file file(path("missing/a.json"));
    FAIL() << "opened";
  } catch (const std::runtime_error& failure) {
    EXPECT_THAT(failure.what(), testing::AllOf(testing::HasSubstr(path("missing/a.json")),
                                               testing::HasSubstr("No such file or directory")));
  }
}

}  // namespace
}  // namespace marketplace
