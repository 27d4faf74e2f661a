# The image of backup jobs for clusters that pull their images: docs/operations.md says how to make
# it. The embedded node has one with the same folders, environment and user: tools/images/jobs.py.

# of a version, so that its repairs come with each build
FROM python:3.11-slim-bookworm

WORKDIR /opt/hlf
COPY requirements-jobs.txt /tmp/requirements-jobs.txt
RUN pip install --no-cache-dir --require-hashes --only-binary=:all: --target packages \
        --requirement /tmp/requirements-jobs.txt \
    && rm /tmp/requirements-jobs.txt
COPY hlf hlf
COPY actions actions
COPY jobs jobs
# a checkout may be closed to all but its owner
RUN chmod -R a+rX .

ENV PYTHONPATH=/opt/hlf:/opt/hlf/packages PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp
USER 7051:7051
ENTRYPOINT ["python3"]
