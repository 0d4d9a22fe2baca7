#!/bin/sh
# The schema for editors against trellis; needs Debian's python3-jsonschema and
# python3-yaml, which make lint asks for.
for python in /usr/bin/python3 python3; do
    if $python -c 'import yaml; from jsonschema import Draft202012Validator' 2>/dev/null
    then
        PYTHONDONTWRITEBYTECODE=1 exec $python test/application_schema.py \
            "${OUT:-build/dev}/trellis" man/trellis-manifest.5 fixtures/manifests "$@"
    fi
done
echo '1..0 # SKIP the schema for editors: python3-jsonschema is not installed'
