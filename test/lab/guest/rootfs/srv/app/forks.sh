#!/bin/bash
# Wants more processes than its unit may have.
for count in $(seq 40); do
  sleep 600 &
done
wait
