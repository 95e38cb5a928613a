#include "console/output_file.hpp"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
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

  [[nodiscard]] std::ptrdiff_t file_count() const {
    return std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator());
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
  EXPECT_EQ(file_count(), 1);
}

TEST_F(OutputFile, LeavesTheFormerTextWithoutCommit) {
  std::ofstream(path("a.json")) << "former";
  {
    output_file file(path("a.json"));
    file.write("new");
  }
  EXPECT_EQ(text_of("a.json"), "former");
  EXPECT_EQ(file_count(), 1);
}

TEST_F(OutputFile, LeavesAPartialFileOfSomebodyElse) {
  std::ofstream(path("a.json.partial")) << "mine";
  output_file file(path("a.json"));
  file.write("new");
  file.commit();
  EXPECT_EQ(text_of("a.json"), "new");
  EXPECT_EQ(text_of("a.json.partial"), "mine");
}

TEST_F(OutputFile, FollowsALinkAndKeepsRights) {
  using std::filesystem::perms;
  std::ofstream(path("target")) << "former";
  std::filesystem::permissions(path("target"), perms::owner_read | perms::owner_write);
  for (const char* name : {"target", "new"}) {
    std::filesystem::create_symlink(name, path("link"));
    output_file file(path("link"));
    file.write("text");
    file.commit();
    EXPECT_EQ(text_of(name), "text");
    EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
    std::filesystem::remove(path("link"));
  }
  EXPECT_EQ(std::filesystem::status(path("target")).permissions(), perms::owner_read | perms::owner_write);
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
