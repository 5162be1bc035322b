"""Validates objects strictly. stdin: {"version", "objects", "crds"}; stdout: a list of problems."""

import json
import sys

import jsonschema
import kubernetes_validate


def strict(schema):
    """No key that the schema does not name, as a server-side dry run with strict validation has it."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: strict(value) for key, value in schema.items()}
    free = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if isinstance(schema.get("properties"), dict) and not free:
        result["additionalProperties"] = False
    return result


def of_crd(crd, item):
    group, _, version = item["apiVersion"].rpartition("/")
    if crd["spec"]["group"] != group or crd["spec"]["names"]["kind"] != item["kind"]:
        return None
    for served in crd["spec"]["versions"]:
        if served["name"] == version:
            schema = strict(served["schema"]["openAPIV3Schema"])
            # Every object has these, and a CRD does not say so.
            schema["properties"].update({"apiVersion": {}, "kind": {}, "metadata": {}})
            return schema
    return None


def problem(item, version, crds):
    schemas = [schema for crd in crds if (schema := of_crd(crd, item)) is not None]
    try:
        if schemas:
            jsonschema.validate(item, schemas[0])
        else:
            kubernetes_validate.validate(item, version, strict=True)
    except Exception as error:  # Whatever it is, it is a problem of this object.
        path = ".".join(str(part) for part in getattr(error, "path", []))
        return f"{item['kind']} {item['metadata']['name']}: {path}: {getattr(error, 'message', error)}"
    return None


given = json.load(sys.stdin)
found = [problem(item, given["version"], given["crds"]) for item in given["objects"]]
json.dump([one for one in found if one is not None], sys.stdout)
