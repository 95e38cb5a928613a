#include "stores/cosmos/master_key.hpp"

#include <gtest/gtest.h>

#include "stores/http/digest.hpp"

namespace troupe::internal {
namespace {

// The example of "Access control in the Azure Cosmos DB SQL API".
const std::string example_key =
    *from_base64("dsZQi3KtZmCv1ljt3VNWNm7sQUF1y5rJfC6kv5JiwvW0EndXdDku/dkKBp8/ufDToSxLzR4y+O/0H/t4bQtVNw==");
constexpr std::string_view example_date = "Thu, 27 Apr 2017 00:51:12 GMT";

TEST(MasterKey, SignsTheExampleOfTheDocumentation) {
  EXPECT_EQ(authorization("GET", {"dbs", "dbs/ToDoList"}, example_date, example_key),
            "type%3Dmaster%26ver%3D1.0%26sig%3Dc09PEVJrgp2uQRkr934kFbTqhByc7TVr3OHyqlu%2Bc%2Bc%3D");
}

TEST(MasterKey, CoversEveryPartOfTheRequest) {
  const std::string first = authorization("GET", {"docs", "dbs/a/colls/b/docs/C"}, example_date, example_key);
  EXPECT_NE(first, authorization("PUT", {"docs", "dbs/a/colls/b/docs/C"}, example_date, example_key));
  EXPECT_NE(first, authorization("GET", {"colls", "dbs/a/colls/b/docs/C"}, example_date, example_key));
  EXPECT_NE(first, authorization("GET", {"docs", "dbs/a/colls/b/docs/c"}, example_date, example_key));
  EXPECT_NE(first,
            authorization("GET", {"docs", "dbs/a/colls/b/docs/C"}, "Thu, 27 Apr 2017 00:51:13 GMT", example_key));
  EXPECT_EQ(first, authorization("get", {"Docs", "dbs/a/colls/b/docs/C"}, example_date, example_key));
}

TEST(MasterKey, DatesAreThoseOfHttp) {
  EXPECT_EQ(http_date(wall_time(std::chrono::milliseconds(1493254272000))), example_date);
  EXPECT_EQ(http_date(wall_time(std::chrono::milliseconds(951782400000))), "Tue, 29 Feb 2000 00:00:00 GMT");
}

}  // namespace
}  // namespace troupe::internal
