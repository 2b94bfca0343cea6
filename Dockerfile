# The image of Sekisho. How to build, run and prove it: docs/how-to/run-in-containers.md
# Pin the image below by digest in a build of your own: --build-arg PYTHON=python@sha256:…
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/sekisho
WORKDIR /source
# Every wheel by its hash; nothing is compiled, so no compiler is needed
COPY requirements/run.txt requirements/
RUN /opt/sekisho/bin/pip install --require-hashes --only-binary=:all: --no-compile -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
# What only building needed goes, pip itself last; the bytecode is never compared with its source again
RUN /opt/sekisho/bin/pip install --no-deps --no-build-isolation --no-compile . \
    && /opt/sekisho/bin/pip uninstall --yes \
        hatchling editables packaging pathspec pluggy tomlkit trove-classifiers \
    && /opt/sekisho/bin/pip check \
    && /opt/sekisho/bin/pip uninstall --yes setuptools pip \
    && /opt/sekisho/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/sekisho/lib

FROM ${PYTHON}
# The base image has no bytecode of the standard library, and a read-only container could not keep any
RUN groupadd --gid 10001 sekisho \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/sekisho --no-create-home \
        --shell /usr/sbin/nologin sekisho \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/sekisho \
    && python -m compileall -q -x '/(site-packages|dist-packages|test|tests|idlelib|lib2to3|turtledemo)/' \
        "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
COPY --from=build /opt/sekisho /opt/sekisho
COPY deploy/container/healthy.py /opt/sekisho/
ENV PATH=/opt/sekisho/bin:$PATH PYTHONDONTWRITEBYTECODE=1 SEKISHO_LISTEN=0.0.0.0:8000
WORKDIR /var/lib/sekisho
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-I", "/opt/sekisho/healthy.py"]
ENTRYPOINT ["sekisho"]
CMD ["serve"]
