"""The suite's ``products`` types over its fixed data, in the way that the directory declares its own."""

from typing import Any

import strawberry
from strawberry.federation import Schema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema_directive import Location

_UNIT = {"size": "small", "weight": 1.0, "unit": "kg"}
_PRODUCTS = (
    ("apollo-federation", "federation", "@apollo/federation", "OSS", ("1234", "Federation Study")),
    ("apollo-studio", "studio", "", "platform", ("1235", "Studio Study")),
)


@strawberry.federation.schema_directive(locations=[Location.OBJECT], name="custom", compose=True)
class Custom:
    """The suite's own directive."""


def _average_products_created_per_year(self: "User") -> int | None:
    """What needs two fields of another subgraph."""
    total = self.total_products_created
    return None if total is None else round(total / self.years_of_employment)


@strawberry.federation.type(extend=True, keys=["email"])
class User:
    """Somebody who creates products."""

    email: strawberry.ID = strawberry.federation.field(external=True)
    name: str | None = strawberry.federation.field(override="users")
    total_products_created: int | None = strawberry.federation.field(external=True)
    years_of_employment: int = strawberry.federation.field(external=True)
    average_products_created_per_year: int | None = strawberry.federation.field(
        resolver=_average_products_created_per_year, requires=["totalProductsCreated", "yearsOfEmployment"]
    )

    @classmethod
    def resolve_reference(cls, **given: Any) -> "User | None":
        """By the one key; what ``@requires`` names comes with it."""
        if given.get("email") != "support@apollographql.com":
            return None
        return _creator(given.get("totalProductsCreated", 1337), given.get("yearsOfEmployment", 10))


def _creator(total: int = 1337, years: int = 10) -> User:
    return User(
        email=strawberry.ID("support@apollographql.com"),
        name="Jane Smith",
        total_products_created=total,
        years_of_employment=years,
    )


@strawberry.federation.type(shareable=True)
class ProductDimension:
    """How large a product is."""

    size: str | None
    weight: float | None
    unit: str | None = strawberry.federation.field(inaccessible=True)


@strawberry.type
class ProductVariation:
    """A variation."""

    id: strawberry.ID


@strawberry.type
class CaseStudy:
    """A study."""

    case_number: strawberry.ID
    description: str | None


@strawberry.federation.type(keys=["study { caseNumber }"])
class ProductResearch:
    """Research on a product."""

    study: CaseStudy
    outcome: str | None

    @classmethod
    def resolve_reference(cls, study: dict[str, Any], **_given: Any) -> "ProductResearch | None":
        """By the composite key."""
        found = (product for product in _PRODUCTS if product[4][0] == study["caseNumber"])
        return next((_research(product[4]) for product in found), None)


def _research(study: tuple[str, str]) -> ProductResearch:
    return ProductResearch(study=CaseStudy(case_number=strawberry.ID(study[0]), description=study[1]), outcome=None)


@strawberry.federation.type(keys=["sku package"])
class DeprecatedProduct:
    """A product that is no more."""

    sku: str
    package: str
    reason: str | None
    created_by: User | None

    @classmethod
    def resolve_reference(cls, **given: Any) -> "DeprecatedProduct | None":
        """By the key of two fields."""
        return _deprecated(given.get("sku"), given.get("package"))


def _deprecated(sku: object, package: object) -> DeprecatedProduct | None:
    if (sku, package) != ("apollo-federation-v1", "@apollo/federation-v1"):
        return None
    return DeprecatedProduct(
        sku="apollo-federation-v1",
        package="@apollo/federation-v1",
        reason="Migrate to Federation V2",
        created_by=_creator(),
    )


@strawberry.federation.type(keys=["id", "sku package", "sku variation { id }"], directives=[Custom()])
class Product:
    """A product."""

    id: strawberry.ID
    sku: str | None
    package: str | None
    variation: ProductVariation | None
    dimensions: ProductDimension | None
    created_by: User | None = strawberry.federation.field(provides=["totalProductsCreated"])
    notes: str | None = strawberry.federation.field(tags=["internal"])
    research: list[ProductResearch]

    @classmethod
    def resolve_reference(cls, **given: Any) -> "Product | None":
        """By any of the three keys."""
        variation = given.get("variation", {}).get("id")
        for product in _PRODUCTS:
            keys = [("id", product[0]), ("sku", product[1])]
            if given.get("id") == product[0] or (
                given.get("sku") == keys[1][1] and product[3 if variation else 2] == (variation or given.get("package"))
            ):
                return _product(product)
        return None


def _product(product: tuple[str, str, str, str, tuple[str, str]]) -> Product:
    return Product(
        id=strawberry.ID(product[0]),
        sku=product[1],
        package=product[2],
        variation=ProductVariation(id=strawberry.ID(product[3])),
        dimensions=ProductDimension(**_UNIT),  # type: ignore[arg-type]
        created_by=_creator(),
        notes=None,
        research=[_research(product[4])],
    )


@strawberry.federation.interface_object(keys=["id"])
class Inventory:
    """The interface of another subgraph."""

    id: strawberry.ID
    deprecated_products: list[DeprecatedProduct]

    @classmethod
    def resolve_reference(cls, **given: Any) -> "Inventory | None":
        """By its key."""
        known = _deprecated("apollo-federation-v1", "@apollo/federation-v1")
        if given.get("id") != "apollo-oss" or known is None:
            return None
        return Inventory(id=strawberry.ID("apollo-oss"), deprecated_products=[known])


def _deprecated_product(sku: str, package: str) -> DeprecatedProduct | None:
    """One product that is no more."""
    return _deprecated(sku, package)


@strawberry.type
class Query:
    """Where every operation begins."""

    @strawberry.field
    def product(self, id: strawberry.ID) -> Product | None:  # noqa: A002 - GraphQL's name for it
        """One product."""
        return Product.resolve_reference(id=id)

    deprecated_product: DeprecatedProduct | None = strawberry.field(
        resolver=_deprecated_product, deprecation_reason="Use product query instead"
    )


PRODUCTS = Schema(query=Query, types=[Inventory], config=StrawberryConfig(), federation_version="2.3")
"""The suite's schema."""
