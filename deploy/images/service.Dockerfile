# One service in one image: docker build -f deploy/images/service.Dockerfile --build-arg SERVICE=ingest .
# The first stage builds; the second holds Python, the service's locked dependencies, our two distributions, and nothing else.
FROM python:3.12-slim AS build
ARG SERVICE
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv --without-pip /opt/careloop
COPY requirements/build.txt requirements/${SERVICE}.txt /locked/
# Dependencies before sources: an edit of ours does not download them again. Only wheels: nothing is compiled here.
RUN pip install --require-hashes --only-binary :all: -r /locked/build.txt \
 && pip --python /opt/careloop/bin/python install --require-hashes --only-binary :all: -r /locked/${SERVICE}.txt
COPY contracts /sources/contracts
COPY services/${SERVICE} /sources/service
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels /sources/contracts /sources/service \
 && pip --python /opt/careloop/bin/python install --no-deps --no-index /wheels/*.whl \
 && /opt/careloop/bin/python -m compileall -q /opt/careloop/lib

FROM python:3.12-slim
ARG SERVICE
LABEL org.opencontainers.image.title="careloop-${SERVICE}" org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/careloop /opt/careloop
ENV PATH=/opt/careloop/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# A number, so that an orchestrator can see that it is not root; /state is the one folder it may write, and a volume inherits the owner.
RUN install -d -o 10001 -g 10001 /state
USER 10001:10001
WORKDIR /state
ENTRYPOINT ["python", "-m"]
